import type { Push } from '../../lib/events/push.ts';
import type { Digest } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import { indexFactsOf, keepContent } from './images.ts';
import { REGISTRY, REPOSITORY } from './scenario.ts';
import type { Flight, State } from './state.ts';

/** What happens in a registry. Each of these changes the state and leaves the event that a registry would send. */

export function putTag(state: State, tag: string, manifest: Manifest): void {
  keepContent(manifest);
  state.stored.add(manifest.digest);
  setTag(state, tag, manifest.digest);
  tell(state, { tag, digest: manifest.digest, action: 'push' });
}

export function deleteTag(state: State, tag: string): void {
  const digest = state.tags.get(tag)?.digest;
  if (digest === undefined) return;
  state.tags.delete(tag);
  tell(state, { tag, digest, action: 'delete' });
}

/** Deletes a manifest with all its tags. As with many registries the event names no tag, so it wakes nobody. */
export function purge(state: State, digest: Digest): void {
  state.stored.delete(digest);
  for (const [tag, held] of state.tags) if (held.digest === digest) state.tags.delete(tag);
  tell(state, { digest, action: 'delete' });
}

/** A write arrives. The registry checks what registries check, and changes its tag or refuses. */
export function land(state: State, flight: Flight): void {
  const { tag, digest } = flight;
  const before = state.tags.get(tag)?.digest;
  if (before !== undefined && before !== digest && state.immutable.has(tag)) {
    flight.landed = 'immutable-tag';
    return;
  }
  const children = indexFactsOf(digest)?.children ?? [];
  if (!children.every(child => state.stored.has(child))) {
    flight.landed = 'child-gone';
    return;
  }
  flight.landed = 'done';
  state.stored.add(digest);
  setTag(state, tag, digest);
  tell(state, { tag, digest, action: 'push' });
}

function setTag(state: State, tag: string, digest: Digest): void {
  state.tags.set(tag, { digest, pushedAt: state.now });
  state.everHeld.set(tag, new Set([...(state.everHeld.get(tag) ?? []), digest]));
}

function tell(state: State, told: Pick<Push, 'tag' | 'digest' | 'action'>): void {
  const id = `event-${state.nextId++}`;
  state.events.push({
    registry: REGISTRY,
    repository: REPOSITORY,
    ...told,
    time: new Date(state.now).toISOString(),
    id,
  });
}
