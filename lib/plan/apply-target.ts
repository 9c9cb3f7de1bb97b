import { setTimeout as sleep } from 'node:timers/promises';
import { assemble } from '../assembly/assemble.ts';
import type { Place } from '../assembly/examine.ts';
import type { GroupDocument } from '../assembly/group-document.ts';
import type { Outcome } from '../assembly/report.ts';
import { type Cause, verifyWakeUps } from '../assembly/wake-up.ts';
import { type World, WRITE_TIME } from '../assembly/world.ts';
import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { watchRegistry } from '../queue/watched-registry.ts';
import { type Asked, askedOf } from './look-at-target.ts';
import { type ExpectedChange, guardWrites, stalePlan } from './planned-write.ts';

export interface ApplyTarget {
  readonly place: Place;
  readonly tag: string;
  readonly asked: Asked;
  /** The memory of what was published goes before the write: a person asked for what a person took away. */
  readonly restores: boolean;
  /** What was planned and agreed to; where that has moved on, nothing is written. */
  readonly expected?: ExpectedChange;
}

export type Applied =
  | { readonly result: 'written'; readonly group: GroupDocument; readonly digest: Digest }
  /** Nothing was to be written: it is right already, waits or is held. */
  | { readonly result: 'unchanged' | 'skipped'; readonly group: GroupDocument }
  | { readonly result: 'failed'; readonly error: ArchweaveError; readonly stale: boolean };

/** What has gone from a registry for this look is believed to be gone: nobody will look again in a minute. */
const LAST_ATTEMPT = 3;
/** How often it is tried in all where waiting may help, and for how long it waits at first, in milliseconds. */
const TRIES = 3;
const PAUSE = 1_000;
/** The end of a write's own time comes before anybody else could look. */
const WRITE_DEADLINE = WRITE_TIME - 1_000;

/**
 * Brings one target to rest by the service's own path: it looks again, writes once, remembers what was acknowledged
 * and looks whether it still stands.
 */
export async function applyTarget(
  world: Omit<World, 'announce' | 'writeSignal'> & { readonly signal: AbortSignal },
  target: ApplyTarget,
): Promise<Applied> {
  for (let attempt = 1; ; attempt += 1) {
    const applied = await tryOnce(world, target);
    const { signal } = world;
    if (applied.result !== 'failed' || !applied.error.retryable || attempt === TRIES) return applied;
    const asked = (applied.error.retryAfter ?? 0) * 1_000;
    await sleep(Math.max(asked, PAUSE * 2 ** (attempt - 1)), undefined, { signal });
  }
}

async function tryOnce(
  world: Omit<World, 'announce' | 'writeSignal'> & { readonly signal: AbortSignal },
  { place, tag, asked, restores, expected }: ApplyTarget,
): Promise<Applied> {
  const { registry: host, repository } = place;
  const reference = `${host}/${repository}:${tag}`;
  const watched = watchRegistry(world.registry);
  const { registry, hasWritten } = guardWrites(watched.registry, {
    reference,
    held: () => watched.held(tag),
    ...(expected !== undefined && { expected }),
    ...(restores && { beforeWrite: () => world.ledger.forget({ registry: host, repository, tag }) }),
  });
  const [sights, { rule }] = askedOf(world, place, asked, restores);
  const pass: World = {
    ...sights,
    registry,
    announce: async () => {},
    writeSignal: () => AbortSignal.any([world.signal, AbortSignal.timeout(WRITE_DEADLINE)]),
  };
  const time = new Date(world.clock.now()).toISOString();
  const cause: Cause = { source: 'cli', id: `cli:${reference}@${time}`, time };
  try {
    const outcomes = await assemble(pass, verifyWakeUps(rule, host, repository, tag, cause), LAST_ATTEMPT);
    return appliedOf(outcomes, reference, expected);
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    // What was written stays written, whatever else was found out afterwards.
    return { result: 'failed', error, stale: error.code === 'stale-plan' && !hasWritten() };
  }
}

function appliedOf(
  outcomes: readonly Outcome[],
  reference: string,
  expected: ExpectedChange | undefined,
): Applied {
  const outcome = outcomes.find(({ state }) => state === 'published') ?? outcomes[0];
  if (outcome === undefined) return { result: 'failed', error: stalePlan(reference), stale: true };
  const { state, group, digest } = outcome;
  if (state === 'published' && digest !== undefined) return { result: 'written', group, digest };
  // Somebody else wrote what was planned: there is nothing left to do.
  if (state === 'unchanged' && (expected === undefined || group.before === expected.after))
    return { result: 'unchanged', group };
  if (expected !== undefined) return { result: 'failed', error: stalePlan(reference), stale: true };
  return { result: 'skipped', group };
}
