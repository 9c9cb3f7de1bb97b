import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { formatPlatform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { Verdict } from './examine.ts';
import { signalOf } from './observe.ts';
import type { Reason } from './reasons.ts';
import type { World } from './world.ts';

export type Again =
  | { readonly kind: 'still' }
  /** Nothing is written in this pass any more: a person who takes it away is not fought. */
  | { readonly kind: 'target-gone' }
  | { readonly kind: 'moved' }
  | { readonly kind: 'child-gone'; readonly reason: Reason };

/**
 * Whether what was written rests on what is still there: the members' tags, the target and every child, in one batch.
 */
export async function lookAgain(
  world: Pick<World, 'registry' | 'signal'>,
  verdict: Verdict,
  written: Manifest,
): Promise<Again> {
  const { repository, target, observation } = verdict;
  const content = readManifestContent(written);
  const children = content.kind === 'index' ? content.manifests : [];
  const tags = observation.members.map(({ tag }) => tag);
  const references = [...new Set([target.tag, ...tags, ...children.map(({ digest }) => digest)])];
  const now = await world.registry.resolveReferences(repository, references, signalOf(world));

  if (now.get(target.tag) === undefined) return { kind: 'target-gone' };
  const gone = children.find(({ digest }) => now.get(digest) === undefined);
  if (gone !== undefined) {
    const platform = gone.platform === undefined ? 'an image' : formatPlatform(gone.platform);
    return { kind: 'child-gone', reason: { code: 'child-gone', platform, digest: gone.digest } };
  }
  const moved = observation.members.some(({ tag, state }) => now.get(tag) !== digestOf(state));
  return moved || now.get(target.tag) !== written.digest ? { kind: 'moved' } : { kind: 'still' };
}

function digestOf(state: Verdict['observation']['members'][number]['state']): Digest | undefined {
  return state.kind === 'present' ? state.digest : undefined;
}
