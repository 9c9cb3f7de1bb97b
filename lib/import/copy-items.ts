import type { Digest } from '../image/digest.ts';

export interface ItemBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** Blobs that are copied one after the other, by whoever takes the item. Plain data, about 110 characters a blob. */
export interface CopyItem {
  readonly blobs: readonly ItemBlob[];
}

export type CopyItems =
  | { readonly kind: 'items'; readonly items: readonly CopyItem[] }
  | { readonly kind: 'too-large'; readonly count: number; readonly most: number };

/** Bytes of small blobs in one item; a blob of as many is alone. */
export const ITEM_BYTES = 256 * 1024 * 1024;
/** As many fit, with what is around them, into the 256 KB that Step Functions hands from state to state. */
export const MOST_ITEM_BLOBS = 1_500;

/** Deals the blobs of a plan out to those who copy them: each large one alone, small ones together. Keeps their order. */
export function copyItems(blobs: readonly ItemBlob[]): CopyItems {
  if (blobs.length > MOST_ITEM_BLOBS)
    return { kind: 'too-large', count: blobs.length, most: MOST_ITEM_BLOBS };
  const items: ItemBlob[][] = [];
  let left = 0;
  for (const { digest, size } of blobs) {
    if (items.length === 0 || size > left) {
      items.push([]);
      left = ITEM_BYTES;
    }
    items.at(-1)!.push({ digest, size });
    left -= size;
  }
  return { kind: 'items', items: items.map(one => ({ blobs: one })) };
}
