import type { Descriptor } from '../image/descriptor.ts';
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
  const gone = goneOf(children, now);
  if (gone !== undefined) return { kind: 'child-gone', reason: gone };
  const moved = observation.members.some(({ tag, state }) => now.get(tag) !== digestOf(state));
  return moved || now.get(target.tag) !== written.digest ? { kind: 'moved' } : { kind: 'still' };
}

/** The first child of an index that the registry does not have. */
export async function missingChild(
  world: Pick<World, 'registry' | 'signal'>,
  repository: string,
  index: Manifest,
): Promise<Reason | undefined> {
  const content = readManifestContent(index);
  if (content.kind !== 'index') return undefined;
  const digests = content.manifests.map(({ digest }) => digest);
  return goneOf(
    content.manifests,
    await world.registry.resolveReferences(repository, digests, signalOf(world)),
  );
}

function goneOf(
  children: readonly Descriptor[],
  now: ReadonlyMap<string, Digest | undefined>,
): Reason | undefined {
  const gone = children.find(({ digest }) => now.get(digest) === undefined);
  if (gone === undefined) return undefined;
  const platform = gone.platform === undefined ? 'an image' : formatPlatform(gone.platform);
  return { code: 'child-gone', platform, digest: gone.digest };
}

function digestOf(state: Verdict['observation']['members'][number]['state']): Digest | undefined {
  return state.kind === 'present' ? state.digest : undefined;
}
