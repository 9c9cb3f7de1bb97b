import type { Digest } from '../image/digest.ts';
import type { PlanRefusal } from './plan.ts';
import type { ByteCount } from './progress.ts';
import type { StreamReason } from './server-side-way.ts';

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
      /** What the target's tag holds now, verified there. */
      readonly digest: Digest;
      /** Tags that were written, the image's own last. */
      readonly tags: readonly string[];
      readonly bytes: ByteCount;
      /** Blobs that are there now and were not before. */
      readonly blobs: number;
      /** Referrers that came along. */
      readonly referrers: number;
      readonly dropped: readonly Dropped[];
      /** How often the source's tag moved on the way; the copy is of what it holds now. */
      readonly moves: number;
      /** Bytes that the target's registry fetched by itself: they were not sent, and count as had. */
      readonly fetched?: number;
      /** Why it did not, where it could have. */
      readonly streamed?: StreamReason;
    }
  | { readonly kind: 'unchanged'; readonly digest: Digest }
  | { readonly kind: 'refused'; readonly refusal: PlanRefusal }
  | { readonly kind: 'held'; readonly reason: HeldReason };

export type HeldReason =
  /** The tag is immutable at the target and holds something else. */
  | { readonly code: 'immutable-tag'; readonly tag: string }
  /** Somebody took the tag away at the target while its image was copied. */
  | { readonly code: 'target-removed'; readonly tag: string; readonly held: Digest }
  /** Somebody else wrote the tag at the target just after us. */
  | { readonly code: 'overwritten'; readonly tag: string; readonly holds: Digest }
  /** Each time that the copy was whole, the source's tag was another image. */
  | { readonly code: 'source-moving'; readonly moves: number }
  /** The source's tag was taken away while its image was copied. */
  | { readonly code: 'source-removed' };
