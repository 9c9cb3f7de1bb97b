import type { Digest } from '../image/digest.ts';
import type { UploadState } from '../registry/interfaces.ts';
import { BlobStream } from './blob-stream.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Turns } from './turns.ts';

export interface SliceOptions {
  readonly signal?: AbortSignal | undefined;
  /** Ends the slice in good order as soon as that can be done. */
  readonly pause?: AbortSignal | undefined;
  /** About how many bytes to send; all that are left where left out. */
  readonly most?: number | undefined;
  /** Up to how many bytes a blob may go in one request, which cannot be gone on with. */
  readonly whole?: number | undefined;
  readonly limit?: RateLimit | undefined;
  readonly turns?: Turns | undefined;
  readonly onPosition?: ((bytes: number) => void) | undefined;
  readonly onState?: ((state: UploadState) => void) | undefined;
}

export type SliceState = UploadState & {
  /** Whether the target's registry took the blob over from another of its repositories. */
  readonly mounted?: boolean;
};

/**
 * Copies a blob that the target does not have, or goes on with it: from the state that an earlier slice, in this
 * process or another, came to. A state is plain data.
 */
export async function copySlice(
  source: CopySource,
  target: CopyTarget,
  blob: { readonly digest: Digest; readonly size: number },
  at: UploadState | undefined,
  options: SliceOptions = {},
): Promise<SliceState> {
  const { signal, pause, most, whole, onState } = options;
  const { registry, repository } = target;
  const { digest, size } = blob;
  const calling = signal === undefined ? {} : { signal };
  if (at === undefined && source.host === target.host && registry.mountBlob !== undefined) {
    if (await registry.mountBlob(repository, digest, source.repository, calling)) {
      return { offset: size, done: true, mounted: true };
    }
  }
  const stream = new BlobStream(source, blob, { ...options, lend: registry.uploadBlob !== undefined });
  const open = (offset: number) => stream.open(offset);
  if (registry.uploadBlob === undefined) {
    await registry.writeBlob(repository, { digest, size }, open, calling);
    return { offset: size, done: true };
  }
  return registry.uploadBlob(repository, { digest, size }, open, at, {
    ...calling,
    ...(pause && { pause }),
    ...(most !== undefined && { most }),
    ...(whole !== undefined && { whole }),
    ...(onState && { onState }),
  });
}
