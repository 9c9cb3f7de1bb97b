import { describe, expect, it } from '@jest/globals';
import { rateFlag } from '../../../lib/cli/rate-flag.ts';

describe('--limit-rate', () => {
  it.each([
    ['20MB/s', 20_000_000],
    ['1.5MB/s', 1_500_000],
    ['500kB/s', 500_000],
    ['500KB/s', 500_000],
    ['1GB/s', 1_000_000_000],
    ['100B/s', 100],
  ])('%s is %d bytes a second', (text, rate) => {
    expect(rateFlag(text)).toBe(rate);
  });

  it.each(['20', '20MB', '0MB/s', 'fast', '20 MB/s', '-1MB/s', '20Mbit/s', '1TB/s'])('%s is none', text => {
    expect(() => rateFlag(text)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it('may be left out', () => {
    expect(rateFlag(undefined)).toBeUndefined();
  });
});
