import { describe, expect, it } from '@jest/globals';
import { formatSize } from '../../../lib/image/format-size.ts';

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [1_000_000, '1.0 MB'],
    [28_400_000, '28.4 MB'],
    [1_900_000_000, '1.9 GB'],
    [5_000_000_000_000_000, '5000.0 TB'],
  ])('writes %d bytes as %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});
