import type { Digest } from '../image/digest.ts';

/** Bytes of blobs: sent by this run, there without it or taken over by the registry, and of all. */
export interface ByteCount {
  readonly copied: number;
  readonly had: number;
  readonly total: number;
}

export interface ImageProgress extends ByteCount {
  /** `linux/arm64`; what is no image of a platform (attestations, referrers, artifacts) has none. */
  readonly platform?: string;
  readonly digest: Digest;
}

/** How far a copy is, as data; a blob that two images share counts in both and once in `total`. */
export interface CopyProgress {
  readonly phase: 'reading' | 'copying' | 'writing' | 'verifying' | 'fetching-itself';
  readonly images: readonly ImageProgress[];
  readonly total: ByteCount;
  readonly blobs: { readonly done: number; readonly total: number };
  /** In phase `fetching-itself`: what the registry says of the import that it runs on its own. */
  readonly state?: string;
}
