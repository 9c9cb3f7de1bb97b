import { describe, expect, it } from '@jest/globals';
import { parseDuration } from '../../../lib/rules/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['20m', 1_200_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['', '0', '30', 'm', '1.5h', '-1s', '1h30m', '1 h', '1H', '1ms', '1w', '1234567s', '1s\n'])(
    'does not read %j',
    text => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
