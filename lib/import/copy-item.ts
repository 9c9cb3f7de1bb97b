import { isArchweaveError } from '../errors.ts';
import type { UploadState } from '../registry/interfaces.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyItem, ItemBlob } from './copy-items.ts';
import { copySlice, type SliceOptions } from './copy-slice.ts';

/** How far an item is: plain data, for whoever goes on with it. */
export interface ItemPosition {
  readonly done: boolean;
  /** Blobs that are done with. */
  readonly blobs: number;
  /** Bytes that were sent for it so far. */
  readonly moved: number;
  /** Of the next blob, where it was begun. */
  readonly upload?: UploadState;
}

export const AT_THE_START: ItemPosition = { done: false, blobs: 0, moved: 0 };

/**
 * Copies an item, or goes on with it, until it is done, `pause` comes or about `most` bytes were sent. What somebody
 * who was cut off had finished is not sent again. A blob that the source does not have is left out: whether the image
 * can do without is seen when it is finished.
 */
export async function copyItem(
  { blobs }: CopyItem,
  source: CopySource,
  target: CopyTarget,
  begun: ItemPosition,
  { most = Number.POSITIVE_INFINITY, ...options }: Pick<SliceOptions, 'signal' | 'pause' | 'most'> = {},
): Promise<ItemPosition> {
  let at = begun;
  const enough = at.moved + most;
  while (at.blobs < blobs.length) {
    if (options.pause?.aborted || at.moved >= enough) return at;
    const blob = blobs[at.blobs]!;
    const left = enough - at.moved;
    const state = await goOn(blob, source, target, at.upload, {
      ...options,
      ...(Number.isFinite(left) && { most: left }),
    });
    const { offset = 0 } = at.upload ?? {};
    const moved = at.moved + (state.mounted ? 0 : Math.max(0, state.offset - offset));
    const { mounted: _, ...upload } = state;
    at = state.done
      ? { done: false, blobs: at.blobs + 1, moved }
      : { done: false, blobs: at.blobs, moved, upload };
  }
  return { ...at, done: true };
}

async function goOn(
  blob: ItemBlob,
  source: CopySource,
  target: CopyTarget,
  at: UploadState | undefined,
  options: SliceOptions,
) {
  const calling = options.signal === undefined ? {} : { signal: options.signal };
  const isThere =
    at === undefined &&
    (await target.registry.statBlob(target.repository, blob.digest, calling)) !== undefined;
  if (isThere) return { offset: 0, done: true, mounted: true };
  try {
    return await copySlice(source, target, blob, at, options);
  } catch (error) {
    if (!isArchweaveError(error) || error.code !== 'not-found' || error.side !== 'source') throw error;
    return { offset: 0, done: true, mounted: true };
  }
}
