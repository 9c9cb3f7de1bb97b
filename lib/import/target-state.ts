import type { Digest } from '../image/digest.ts';
import type { UploadState } from '../registry/interfaces.ts';
import type { ReadManifest } from './source-graph.ts';

/** What the target has of an image that is to be copied there. */
export interface TargetState {
  /** What the tags hold that are going to be written; absent ones are undefined. */
  readonly tags: ReadonlyMap<string, Digest | undefined>;
  /** What the image's own tag holds, where it could be read. */
  readonly current?: ReadManifest;
  readonly manifests: ReadonlySet<Digest>;
  readonly blobs: ReadonlySet<Digest>;
  /** Blobs that an earlier run began to send. */
  readonly uploads: ReadonlyMap<Digest, UploadState>;
}

export const NOTHING_THERE: TargetState = {
  tags: new Map(),
  manifests: new Set(),
  blobs: new Set(),
  uploads: new Map(),
};
