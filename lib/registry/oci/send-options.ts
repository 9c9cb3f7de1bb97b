import type { BlobWriter, UploadOptions } from '../interfaces.ts';

export type Blob = Parameters<BlobWriter['writeBlob']>[1];
export type Open = Parameters<BlobWriter['writeBlob']>[2];

export interface SendOptions extends UploadOptions {
  /** How many bytes go in one request. */
  readonly slice?: number;
  /** Whether an upload that could not go on is left at the registry, for whoever tries again later. */
  readonly keep?: boolean;
}
