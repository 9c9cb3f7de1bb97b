import type { Digest } from '../image/digest.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Published } from '../ledger/interface.ts';
import type { Decision } from './decide.ts';
import type { Target, TargetState } from './observation.ts';
import type { Complete } from './resolve.ts';

/** What a person removed or replaced is not fought, and what was there before archweave is not touched. */
export function leftAlone(target: Target, published: Published, now: number): Decision {
  if (published.digest === undefined) return { kind: 'ignored', reasons: [{ code: 'before-archweave' }] };
  const act = target.state.kind === 'absent' ? 'deleted' : 'replaced';
  return { kind: 'held', reasons: [{ code: 'withdrawn', tag: target.tag, act, at: noticedAt(target, now) }] };
}

/** When the target was first seen like that; nobody tells when it was done. */
function noticedAt({ standing }: Target, now: number): string {
  return standing?.reason === 'withdrawn' ? standing.since : new Date(now).toISOString();
}

/** An immutable tag takes no correction; one that only lacks something optional is right as it is. */
export function immutable(
  tag: string,
  state: Exclude<TargetState, { kind: 'absent' }>,
  required: readonly Digest[],
  { chosen }: Complete,
): Decision {
  const holds = state.digest === undefined ? {} : { digest: state.digest };
  const children = new Set(state.children.map(({ digest }) => digest));
  if (!required.every(digest => children.has(digest)))
    return { kind: 'held', reasons: [{ code: 'immutable-tag', tag, ...holds }] };
  const added = chosen.filter(({ image }) => !children.has(image.descriptor.digest));
  const adds =
    added.map(({ image }) => formatPlatform(image.descriptor.platform)).join(', ') || 'attestations';
  return { kind: 'unchanged', reasons: [{ code: 'immutable-tag', tag, adds }] };
}
