import type { Digest } from '../image/digest.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyWork } from './plan.ts';
import type { ByteCount, CopyProgress } from './progress.ts';
import type { UploadNotes } from './upload-notes.ts';

export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Hears how far it is, as often as bytes come; whoever shows it chooses when to look. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Bytes a second, of all blobs together. */
  readonly limitRate?: number;
  /** Blobs at once, 4 by default. */
  readonly parallel?: number;
  readonly notes?: UploadNotes;
}

/** A referrer that the target did not take. */
export interface Dropped {
  readonly digest: Digest;
  readonly artifactType?: string;
  /** A code of lib/errors.ts, and what the target said. */
  readonly code: string;
  readonly reason: string;
}

export type CopyOutcome =
  | {
      readonly kind: 'copied';
      /** What the target's tag holds now. */
      readonly digest: Digest;
      /** Tags that were written. */
      readonly tags: readonly string[];
      readonly bytes: ByteCount;
      readonly blobs: number;
      readonly referrers: number;
      readonly dropped: readonly Dropped[];
      /** How often the source's tag moved on the way; the copy is of what it holds now. */
      readonly moves: number;
    }
  | { readonly kind: 'unchanged'; readonly digest: Digest }
  | { readonly kind: 'held'; readonly reason: HeldReason };

export type HeldReason =
  /** The tag is immutable at the target and holds something else. */
  | { readonly code: 'immutable-tag'; readonly tag: string; readonly holds?: Digest }
  /** Somebody took the tag away at the target while its image was copied. */
  | { readonly code: 'target-removed'; readonly tag: string; readonly held: Digest }
  /** Each time that the copy was whole, the source's tag was another image. */
  | { readonly code: 'source-moving'; readonly moves: number }
  /** The source's tag was taken away while its image was copied. */
  | { readonly code: 'source-removed' };

/** Copies what was planned. */
export type CopyImage = (
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  options?: CopyOptions,
) => Promise<CopyOutcome>;
