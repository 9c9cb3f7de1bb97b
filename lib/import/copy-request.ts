import type { Platform } from '../image/platform.ts';

/** What is to be copied, and what it is to be called. */
export interface CopyRequest {
  /** A tag or a digest of the source's repository. */
  readonly reference: string;
  /** The tag at the target; left out: the image is there by its digest only. */
  readonly tag?: string;
  /** Only these; left out: all that the source has. */
  readonly platforms?: readonly Platform[];
  /** A further tag for each platform's image: `{tag}-{arch}`. */
  readonly split?: string;
  /** Whether signatures, SBOMs and what else refers to the image come along. */
  readonly referrers: boolean;
}
