import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import { copySlice } from './copy-slice.ts';
import { inParallel } from './in-parallel.ts';
import type { PlannedBlob } from './planned-blobs.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Tally } from './tally.ts';
import { type Turns, turns } from './turns.ts';
import type { UploadNotes } from './upload-notes.ts';

export interface BlobsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Nothing new is begun, and what is under way ends where it can be gone on with. */
  readonly pause?: AbortSignal | undefined;
  /** Blobs whose bytes flow at once; as many again are begun and closed meanwhile. */
  readonly parallel: number;
  readonly limit?: RateLimit | undefined;
  /** Bytes a second that the limit allows; infinite without one. */
  readonly limitRate: number;
  readonly notes?: UploadNotes | undefined;
  readonly tally: Tally;
}

/** A blob may go in one request where that takes about a second: an interruption waits for it. */
const A_MOMENT = 1;
/** However quick the line is. */
const LARGEST_WHOLE = 32 * 1024 * 1024;
/** Always worth one request: less is lost than two more take. */
const A_SMALL_BLOB = 1024 * 1024;

/** Milliseconds that a blob waits for its turn, with a request open at either end: much less than any proxy does. */
const A_TURN = 2000;

/** Copies blobs, several at once, in the order given. Throws `interrupted` where it was paused before all were there. */
export async function copyBlobs(
  blobs: readonly PlannedBlob[],
  source: CopySource,
  target: CopyTarget,
  options: BlobsOptions,
): Promise<void> {
  const { parallel, signal, pause, tally } = options;
  const began = performance.now();
  const sentBefore = tally.sent;
  const lanes = Math.min(parallel * 2, blobs.length);
  const inTurn = turns(parallel, A_TURN);
  await inParallel(blobs, { atOnce: lanes, signal }, async (blob, either) => {
    if (pause?.aborted) return;
    const seconds = (performance.now() - began) / 1000;
    const measured = seconds < 0.25 ? 0 : (tally.sent - sentBefore) / seconds;
    const rate = Math.min(measured, options.limitRate) / Math.min(parallel, lanes);
    const whole = Math.max(A_SMALL_BLOB, Math.min(LARGEST_WHOLE, rate * A_MOMENT));
    await copyBlob(blob, source, target, { ...options, signal: either, whole, turns: inTurn });
  });
  if (pause?.aborted && !tally.isWhole(blobs)) {
    throw new ArchweaveError({
      code: 'interrupted',
      attempt: `copy to ${target.host}/${target.repository}`,
      cause: pause.reason,
    });
  }
}

async function copyBlob(
  blob: PlannedBlob,
  source: CopySource,
  target: CopyTarget,
  { notes, tally, ...options }: BlobsOptions & { readonly whole: number; readonly turns: Turns },
): Promise<void> {
  const place = { host: target.host, repository: target.repository, digest: blob.digest };
  let noted = blob.at !== undefined;
  let writing: Promise<unknown> = Promise.resolve();
  const state = await copySlice(source, target, blob, blob.at, {
    ...options,
    onPosition: bytes => tally.reach(blob, bytes),
    onState(reached) {
      if (notes === undefined || reached.upload === undefined || blob.size <= A_SMALL_BLOB) return;
      noted = true;
      // One after the other, so that the last one counts.
      writing = writing.then(() => notes.write(place, reached)).catch(() => {});
    },
  }).catch(error => {
    const isGone = isArchweaveError(error) && error.code === 'not-found' && error.side === 'source';
    // Whoever runs the image fetches it where its address says.
    if (isGone && blob.urls !== undefined) return undefined;
    throw error;
  });
  await writing;
  if (state === undefined) return tally.skip(blob);
  if (!state.done) return;
  tally.finish(blob, state.mounted === true);
  if (noted) await notes?.remove(place).catch(() => {});
}
