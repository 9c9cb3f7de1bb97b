import { describe, expect, it } from '@jest/globals';
import { duration } from '../../../lib/image/format-duration.ts';

describe('duration', () => {
  it.each([
    [0, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [3_600_000, '1 h'],
    [9_000_000, '2 h 30 min'],
    [86_400_000, '1 d'],
    [-5, '1 s'],
  ])('of %d ms is %s', (milliseconds, words) => {
    expect(duration(milliseconds)).toBe(words);
  });
});
