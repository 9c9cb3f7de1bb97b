import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readChunkRange, readRange } from '../../../../lib/server/registry/byte-range.ts';

describe('a Range header', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=2-5', { start: 2, end: 5 }],
    ['bytes=2-', { start: 2, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['bytes=5-100', { start: 5, end: 9 }],
  ])('%s of ten bytes is a range', (header, range) => {
    expect(readRange(header, 10)).toEqual(range);
  });

  it.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=5-2'])('%s of ten bytes cannot be', header => {
    expect(readRange(header, 10)).toBe('unsatisfiable');
  });

  it('asks for what an empty blob does not have', () => {
    expect(readRange('bytes=0-', 0)).toBe('unsatisfiable');
  });

  it.each([undefined, '', 'bytes=-', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b', 'bytes 0-1'])(
    '%j asks for everything',
    header => {
      expect(readRange(header, 10)).toBeUndefined();
    },
  );

  it('never leaves the blob', () => {
    const part = fc.option(fc.nat(), { nil: '' as const });
    fc.assert(
      fc.property(part, part, fc.nat(1000), (first, last, size) => {
        const range = readRange(`bytes=${first}-${last}`, size);
        if (typeof range !== 'object') return true;
        return range.start >= 0 && range.start <= range.end && range.end < size;
      }),
    );
  });
});

describe('a Content-Range header of an upload', () => {
  it.each(['5-9', 'bytes 5-9', 'bytes 5-9/10', 'bytes 5-9/*'])('may be %s', header => {
    expect(readChunkRange(header)).toEqual({ start: 5, end: 9 });
  });

  it.each(['', '5', '5-', '-9', '9-5', 'a-b', '5-9,10-11', '0x5-9', '5-9/x'])('is not %j', header => {
    expect(readChunkRange(header)).toBe('bad');
  });

  it('may be missing', () => {
    expect(readChunkRange(undefined)).toBeUndefined();
  });
});
