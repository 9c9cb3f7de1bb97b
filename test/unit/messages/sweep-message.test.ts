import { describe, expect, it } from '@jest/globals';
import { readSweepMessage, sweepMessage } from '../../../lib/messages/sweep-message.ts';

const BEGAN = '2026-11-22T10:00:00.000Z';

describe('a task of a sweep', () => {
  it.each([
    [{ registry: 'r', began: BEGAN, first: [] }],
    [{ registry: 'r', repository: 'team/app', after: '1.0 apps', began: BEGAN, first: ['apps'] }],
  ])('is read back as it was: %j', task => {
    expect(readSweepMessage(sweepMessage(task))).toEqual(task);
  });

  it.each([
    ['{', 'it is not JSON'],
    ['{"v":9}', 'v is not 1'],
    ['{"v":1,"sweep":{"began":"x"}}', 'sweep.registry is missing'],
  ])('is refused where it is %j', (body, reason) => {
    expect(() => readSweepMessage(body)).toThrow(expect.objectContaining({ code: 'malformed', reason }));
  });
});
