import { isRunnable } from '../image/attachments.ts';
import type { Digest } from '../image/digest.ts';
import { isKnownPlatform, type Platform, satisfies } from '../image/platform.ts';
import { sourceOf } from './chosen-root.ts';
import type { ReadManifest } from './source-graph.ts';

/**
 * Whether what the target holds is already what was asked for of the source as it is now, without a look at the
 * source's manifests. False where that takes a look.
 */
export function isAsAsked(
  current: ReadManifest,
  source: Digest,
  platforms: readonly Platform[] | undefined,
): boolean {
  const whole = current.manifest.digest === source;
  if (platforms === undefined) return whole;
  if (current.content.kind !== 'index' || (!whole && sourceOf(current) !== source)) return false;
  const runnable = current.content.manifests.filter(isRunnable).map(({ platform }) => platform);
  const there = runnable.filter(isKnownPlatform);
  if (there.length < runnable.length) return false;
  const isWanted = (have: Platform) => platforms.some(want => satisfies(have, want));
  // A smaller index may have more than is asked for now: it has grown, and does not shrink again.
  return (
    platforms.every(want => there.some(have => satisfies(have, want))) && (!whole || there.every(isWanted))
  );
}
