import { describe, expect, it } from '@jest/globals';
import { EXIT_MEANINGS, exitCodeOf } from '../../../lib/cli/exit-codes.ts';
import { ArchweaveError, type ErrorCode } from '../../../lib/errors.ts';

describe('exit codes', () => {
  it.each<[ErrorCode, number]>([
    ['bad-argument', 2],
    ['bad-reference', 2],
    ['bad-event', 2],
    ['no-config', 2],
    ['bad-config', 2],
    ['open-to-all', 2],
    ['immutable-tag', 4],
    ['locked', 4],
    ['soft-deleted', 4],
    ['quarantined', 4],
    ['interrupted', 130],
    ['unreachable', 1],
    ['not-found', 1],
    ['internal', 1],
  ])('are for the error %s: %d', (code, exit) => {
    expect(exitCodeOf(new ArchweaveError({ code, attempt: 'try' }))).toBe(exit);
  });

  it('each have their word', () => {
    expect(Object.keys(EXIT_MEANINGS).map(Number)).toEqual([0, 1, 2, 3, 4, 5, 130, 143]);
  });
});
