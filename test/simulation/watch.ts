import type { Digest } from '../../lib/image/digest.ts';
import type { Reading } from '../../lib/registry/interfaces.ts';
import type { Answer, Ask } from './run.ts';
import type { Removal } from './state.ts';

/** What one handler has seen and done, noted from its questions and their answers, for the promises to be checked. */
export interface Watch {
  /** What tags held in its looks since its last write of each. */
  readonly seen: Map<string, { readonly digest: Digest | undefined }>;
  readonly immutable: Set<string>;
  /** Tags whose last look was stale and showed an index that a person had taken away, with that removal. */
  readonly unaware: Map<string, Removal>;
  /** What it was told that it had written, and has not seen replaced by something else since. */
  readonly acknowledged: Map<string, Digest>;
  /** `done` for the tag whose write was acknowledged and remembered, and that was not looked at since. */
  phase:
    | { readonly kind: 'fresh' | 'looked' }
    | { readonly kind: 'sent' | 'acked' | 'done'; readonly tag: string };
}

export function newWatch(): Watch {
  return {
    seen: new Map(),
    immutable: new Set(),
    unaware: new Map(),
    acknowledged: new Map(),
    phase: { kind: 'fresh' },
  };
}

export function copyOfWatch(watch: Watch): Watch {
  return {
    seen: new Map(watch.seen),
    immutable: new Set(watch.immutable),
    unaware: new Map(watch.unaware),
    acknowledged: new Map(watch.acknowledged),
    phase: watch.phase,
  };
}

export function noteSend(watch: Watch, tag: string): void {
  watch.seen.delete(tag);
  watch.phase = { kind: 'sent', tag };
}

export function noteAcknowledged(watch: Watch, tag: string, digest: Digest): void {
  watch.acknowledged.set(tag, digest);
  watch.phase = { kind: 'acked', tag };
}

export function noteAnswer(watch: Watch, ask: Ask, answer: Answer): void {
  if (ask.method === 'remember' && watch.phase.kind === 'acked')
    watch.phase = { ...watch.phase, kind: 'done' };
  if (ask.method === 'remember' || ask.method === 'record' || ask.method === 'announce') return;
  watch.phase = { kind: 'looked' };
  if ('error' in answer) return;
  if (ask.method === 'readManifests')
    for (const [reference, reading] of answer.value as ReadonlyMap<string, Reading>)
      noteSeen(watch, reference, reading.kind === 'found' ? reading.manifest.digest : undefined);
  if (ask.method === 'resolveReferences')
    for (const [reference, digest] of answer.value as ReadonlyMap<string, Digest | undefined>)
      noteSeen(watch, reference, digest);
  if (ask.method === 'immutableTags')
    for (const tag of ask.tags) {
      if ((answer.value as ReadonlySet<string>).has(tag)) watch.immutable.add(tag);
      else watch.immutable.delete(tag);
    }
}

function noteSeen(watch: Watch, reference: string, digest: Digest | undefined): void {
  watch.seen.set(reference, { digest });
  if (digest !== undefined && watch.acknowledged.get(reference) !== digest)
    watch.acknowledged.delete(reference);
}
