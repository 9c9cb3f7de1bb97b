const MIB = 1024 * 1024;
/** What the quotas allow a part to have; only the last may have less. */
export const LEAST_PART = 5 * MIB;
const LARGEST_PART = 10 * MIB;
/** And how many a layer may have. */
const MOST_PARTS = 4200;

/** More than the head of any part's request has, so that memory may be had before that is known. */
const A_HEAD = 2048;

/**
 * The least that is allowed, as each part is held in memory: ECR names ten MiB, and takes five. A layer that would be
 * of too many parts has the largest.
 */
export function partSizeOf(bytes: number): number {
  return bytes > LEAST_PART * MOST_PARTS ? LARGEST_PART : LEAST_PART;
}

/** How much memory a part of so many bytes takes on its way. */
export function memoryOf(part: number): number {
  return A_HEAD + base64Length(part);
}

export function base64Length(bytes: number): number {
  return 4 * Math.ceil(bytes / 3);
}
