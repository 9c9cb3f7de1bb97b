import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatTable } from '../../../lib/cli/format-table.ts';
import { formatAgo, formatTime } from '../../../lib/cli/format-time.ts';
import { naturalOrder } from '../../../lib/cli/natural-order.ts';
import { parseDuration } from '../../../lib/cli/parse-duration.ts';

describe('times', () => {
  it('says how long ago something was, and does not invent a future', () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    expect(formatAgo('2026-11-22T09:48:00Z', now)).toBe('12 min ago');
    expect(formatAgo('2026-11-22T10:00:30Z', now)).toBe('just now');
    expect(formatAgo('yesterday', now)).toBe('-');
  });

  it('writes times in UTC to the second, and leaves what is no time alone', () => {
    expect(formatTime('2026-11-22T10:43:10.123+01:00')).toBe('2026-11-22T09:43:10Z');
    expect(formatTime('soon')).toBe('soon');
  });

  it.each([
    ['0', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['30', undefined],
    ['s', undefined],
    ['-1s', undefined],
    ['1.5h', undefined],
    ['', undefined],
  ])('reads the duration "%s" as %s ms', (text, ms) => expect(parseDuration(text)).toBe(ms));
});

describe('naturalOrder', () => {
  it('counts as people do', () => {
    const tags = ['1.10', '1.9', 'latest', '1.9-arm64', '1.010', 'v2', 'v10', '1.9-amd64', ''];
    expect(tags.toSorted(naturalOrder)).toEqual([
      '',
      '1.9',
      '1.9-amd64',
      '1.9-arm64',
      '1.010',
      '1.10',
      'latest',
      'v2',
      'v10',
    ]);
  });

  it('is a total order', () => {
    const tag = fc.stringMatching(/^[0-9a.b-]{0,6}$/);
    fc.assert(
      fc.property(tag, tag, tag, (a, b, c) => {
        expect(Math.sign(naturalOrder(a, b))).toBe(-Math.sign(naturalOrder(b, a)) + 0);
        expect(naturalOrder(a, b) === 0).toBe(a === b);
        if (naturalOrder(a, b) < 0 && naturalOrder(b, c) < 0) expect(naturalOrder(a, c)).toBeLessThan(0);
      }),
    );
  });
});

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, cuts nothing and leaves no trailing spaces', () => {
    const rows = [
      ['TAG', 'KIND', ''],
      ['1.0-amd64', '', 'x'],
      ['old', 'image', ''],
    ];
    expect(formatTable(rows, ' ')).toBe(' TAG        KIND\n 1.0-amd64         x\n old        image\n');
  });
});
