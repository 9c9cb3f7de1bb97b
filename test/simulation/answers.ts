import type { Digest } from '../../lib/image/digest.ts';
import type { BlobReading, Reading } from '../../lib/registry/interfaces.ts';
import type { Core } from './core.ts';
import { blobWith, contentOf } from './images.ts';
import type { Answer, Ask, Page } from './run.ts';
import type { State } from './state.ts';

export interface Answering {
  readonly state: State;
  /** Tags as a replica holds them that lags behind; left out, as they are. */
  readonly tags?: State['tags'];
  readonly pageSize: number;
  /** Whether the registry says when a tag was pushed. */
  readonly tellsTimes: boolean;
}

/** What the registry or the ledger answers now. Writes are not here: they are sent first, and land later. */
export function answerTo(ask: Exclude<Ask, { method: 'write' }>, world: Answering): Answer {
  const { state } = world;
  switch (ask.method) {
    case 'readManifests':
      return { value: new Map(ask.references.map(reference => [reference, read(world, reference)])) };
    case 'resolveReferences':
      return { value: new Map(ask.references.map(reference => [reference, digestAt(world, reference)])) };
    case 'immutableTags':
      return { value: new Set(ask.tags.filter(tag => state.immutable.has(tag))) };
    case 'readBlobs':
      return { value: new Map(ask.digests.map(digest => [digest, blob(digest)])) };
    case 'listTags':
      return { value: listing(world, ask.after) };
    case 'published':
      return { value: state.published.get(ask.tag) };
    case 'standing':
      return { value: state.standings.get(ask.tag) };
    case 'history':
      return { value: state.history.get(ask.tag) ?? [] };
    case 'remember': {
      const stored = state.published.get(ask.tag);
      if (stored !== undefined && ask.keeps(stored)) return { value: stored };
      state.published.set(ask.tag, ask.next);
      return { value: ask.next };
    }
    case 'record': {
      const { tag } = ask.standing.target;
      state.standings.set(tag, ask.standing);
      if (ask.entry) state.history.set(tag, [ask.entry, ...(state.history.get(tag) ?? [])].slice(0, 50));
      return { value: undefined };
    }
    case 'announce':
      return { value: undefined };
  }
}

/** The error of a registry or a network that fails; whoever asked cannot know what came of it. */
export function failure(core: Core, code: 'timeout' | 'registry-failed' | 'unreachable'): Answer {
  return { error: new core.ArchweaveError({ code, attempt: 'reach the registry', retryable: true }) };
}

export function refusal(core: Core, code: 'immutable-tag' | 'child-gone'): Answer {
  return { error: new core.ArchweaveError({ code, attempt: 'write a tag' }) };
}

function digestAt({ state, tags = state.tags }: Answering, reference: string): Digest | undefined {
  if (reference.includes(':'))
    return state.stored.has(reference as Digest) ? (reference as Digest) : undefined;
  const digest = tags.get(reference)?.digest;
  return digest !== undefined && state.stored.has(digest) ? digest : undefined;
}

function read(world: Answering, reference: string): Reading {
  const digest = digestAt(world, reference);
  const manifest = digest && contentOf(digest);
  if (!manifest) return { kind: 'absent' };
  const pushed = world.tellsTimes ? (world.tags ?? world.state.tags).get(reference)?.pushedAt : undefined;
  return {
    kind: 'found',
    manifest,
    ...(pushed === undefined ? {} : { pushedAt: new Date(pushed).toISOString() }),
  };
}

function blob(digest: Digest): BlobReading {
  const bytes = blobWith(digest);
  return bytes ? { kind: 'found', bytes } : { kind: 'absent' };
}

function listing({ state, tags = state.tags, pageSize }: Answering, after: string): Page {
  const rest = [...tags.keys()].filter(tag => tag > after).toSorted();
  return { page: rest.slice(0, pageSize).map(tag => ({ tag })), more: rest.length > pageSize };
}
