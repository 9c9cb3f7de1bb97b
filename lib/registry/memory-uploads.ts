import type { BlobUploader, UploadOptions, UploadState } from './interfaces.ts';

/** Takes in more of an upload, one that is new where `at` names none that is known, and answers all that is there now. */
export async function takeUpload(
  uploads: Map<string, Uint8Array>,
  open: Parameters<BlobUploader['uploadBlob']>[2],
  at: UploadState | undefined,
  options: UploadOptions,
): Promise<{ readonly upload: string; readonly bytes: Uint8Array }> {
  const isKnown = at?.upload !== undefined && uploads.has(at.upload);
  const upload = isKnown ? at.upload! : `upload-${uploads.size}`;
  const had = uploads.get(upload) ?? new Uint8Array(0);
  // Its name is given away now: another one may be begun while this one is awaited.
  uploads.set(upload, had);
  options.onState?.({ upload, offset: had.length, done: false });
  const taken = await takeBytes(await open(had.length), options);
  const bytes = new Uint8Array(Buffer.concat([had, taken]));
  if (!options.signal?.aborted) uploads.set(upload, bytes);
  return { upload, bytes };
}

/** As many bytes as one call is to send; a pause ends it after the part that has come. */
async function takeBytes(source: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<Uint8Array> {
  const { most = Number.POSITIVE_INFINITY, pause } = options;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    parts.push(Uint8Array.from(part));
    length += part.length;
    if (length >= most || pause?.aborted) break;
  }
  return Buffer.concat(parts).subarray(0, Math.min(length, Math.max(most, 1)));
}
