import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Digest } from '../../../lib/image/digest.ts';
import { copyItems, ITEM_BYTES, MOST_ITEM_BLOBS } from '../../../lib/import/copy-items.ts';

const blob = (size: number, at = 0) => ({
  digest: `sha256:${String(at).padStart(64, '0')}` as Digest,
  size,
});
const sizes = (blobs: readonly { readonly size: number }[]) => {
  const dealt = copyItems(blobs.map(({ size }, at) => blob(size, at)));
  if (dealt.kind !== 'items') throw new Error(dealt.kind);
  return dealt.items.map(item => item.blobs.map(one => one.size));
};

describe('copyItems', () => {
  it('leaves a large blob alone, and puts small ones together', () => {
    const [large, half, quarter] = [ITEM_BYTES, ITEM_BYTES / 2, ITEM_BYTES / 4];
    expect(sizes([large + 1, large, half, quarter, quarter, 1].map(size => ({ size })))).toEqual([
      [large + 1],
      [large],
      [half, quarter, quarter],
      [1],
    ]);
    expect(sizes([])).toEqual([]);
  });

  it('makes of an image with forty layers a few items', () => {
    expect(sizes(Array.from({ length: 40 }, () => ({ size: 25e6 })))).toHaveLength(4);
  });

  it('keeps every blob in its order, and no item of several above the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 * ITEM_BYTES }), { maxLength: 60 }), all => {
        const dealt = sizes(all.map(size => ({ size })));
        expect(dealt.flat()).toEqual(all);
        for (const item of dealt)
          if (item.length > 1) expect(item.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(ITEM_BYTES);
      }),
    );
  });

  it('is too large for what is handed from state to state above so many blobs, and fits just below', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => blob(1e9, at));
    expect(copyItems(many(MOST_ITEM_BLOBS + 1))).toEqual({ kind: 'too-large', count: 1501, most: 1500 });
    const most = copyItems(many(MOST_ITEM_BLOBS));
    expect(JSON.stringify(most).length).toBeLessThan(200 * 1024);
  });
});
