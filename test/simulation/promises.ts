import type { Digest } from '../../lib/image/digest.ts';
import { imageWith, indexFactsOf, nameOf } from './images.ts';
import { completeGroup, type Holds, holds, wrongAtRest } from './oracle.ts';
import {
  groupsOf,
  isPinned,
  isShared,
  memberTags,
  OPTIONAL,
  orderOf,
  REQUIRED,
  type Scenario,
  targetsOf,
} from './scenario.ts';
import type { Flight, State } from './state.ts';
import type { Watch } from './watch.ts';

/** A promise that does not hold. `promise` is its number in docs/how-it-decides.md. */
export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
  readonly promise: number;

  constructor(promise: number, what: string) {
    super(`promise ${promise}: ${what}`);
    this.promise = promise;
  }
}

interface Sending {
  readonly state: State;
  readonly scenario: Scenario;
  readonly watch: Watch;
  readonly tag: string;
  readonly digest: Digest;
}

/** When a handler sends a write: it rests on a look of its own, and on nothing that the look forbids. */
export function checkSend({ state, scenario, watch, tag, digest }: Sending): void {
  const seen = watch.seen.get(tag);
  if (seen === undefined)
    throw new BrokenPromise(4, `${tag} is written without a look since the write before`);
  checkWhole(scenario, digest);
  // With a pin, some targets of a pass are looked at after others were decided about.
  // What was read by its digest is put back, whatever the tags say.
  if (scenario.pin === undefined && !watch.seen.has(digest))
    checkFollows({ state, scenario, watch, tag, digest });
  const before = seen.digest === undefined ? undefined : holdsWith(state, scenario, tag, seen.digest);
  const order = orderOfIndex(scenario, tag, digest);
  const pinned = isPinned(scenario, tag);
  if (!pinned && before?.kind === 'own' && before.order > order)
    throw new BrokenPromise(4, `${tag} was seen to hold ${before.order}, and ${order} is written`);
  if (seen.digest !== undefined && sameMeaning(scenario, tag, seen.digest, digest))
    throw new BrokenPromise(5, `${tag} was seen to hold ${nameOf(seen.digest)} and is written again`);
  if (seen.digest !== undefined && watch.immutable.has(tag))
    throw new BrokenPromise(7, `${tag} was seen to be immutable and is written`);
  const acknowledged = watch.acknowledged.get(tag);
  if (
    !pinned &&
    seen.digest === undefined &&
    acknowledged !== undefined &&
    sameMeaning(scenario, tag, acknowledged, digest)
  )
    throw new BrokenPromise(7, `${tag} vanished after it was written and is written again`);
}

/** What is written follows from the tags that were looked at, and every tag that counts was looked at. */
function checkFollows({ state, scenario, watch, tag, digest }: Sending): void {
  const captures = indexFactsOf(digest)?.captures ?? {};
  const group = isShared(scenario, tag) ? Object.values(captures).join('-') : tag;
  const wanted = scenario.optional ? [...REQUIRED, OPTIONAL] : REQUIRED;
  const tags = wanted.flatMap(architecture => memberTags(group, architecture));
  const missed = tags.find(member => !watch.seen.has(member));
  if (missed !== undefined) throw new BrokenPromise(1, `${tag} is written without a look at ${missed}`);
  const seen = tags.flatMap(member => {
    const held = watch.seen.get(member)?.digest;
    return held === undefined ? [] : [[member, { digest: held, pushedAt: 0 }] as const];
  });
  const complete = completeGroup({ ...state, tags: new Map(seen) }, scenario, group);
  const children = indexFactsOf(digest)?.children ?? [];
  const follows =
    complete?.children.size === children.length && children.every(child => complete.children.has(child));
  if (!follows)
    throw new BrokenPromise(
      1,
      `${tag} = ${nameOf(digest)} is written, which does not follow from what was seen`,
    );
}

/** Promises 1 and 2: every required platform, no platform twice, one build. */
function checkWhole(scenario: Scenario, digest: Digest): void {
  const children = indexFactsOf(digest)?.children ?? [];
  const architectures = children.map(child => imageWith(child)?.architecture);
  const wanted = REQUIRED.every(architecture => architectures.includes(architecture));
  if (!wanted || new Set(architectures).size !== architectures.length)
    throw new BrokenPromise(1, `an index of ${architectures.join(', ')} is written`);
  const builds = new Set(children.map(child => imageWith(child)?.revision));
  if (scenario.labelled && builds.size > 1)
    throw new BrokenPromise(2, `an index of builds ${[...builds].join(' and ')} is written`);
}

/**
 * When a write lands. `before` is what the target held until then. True where it undoes a removal and is excused: a
 * stale look is one from before, and who looks before a removal and writes after it cannot know of it.
 */
export function checkLanding(
  state: State,
  scenario: Scenario,
  flight: Flight,
  before: Holds,
  lone: boolean,
): boolean {
  const { tag, digest } = flight;
  const order = orderOfIndex(scenario, tag, digest);
  const pinned = isPinned(scenario, tag);
  if (lone && !pinned && before.kind === 'own' && before.order > order)
    throw new BrokenPromise(
      4,
      `${tag} goes back from ${before.order} to ${order}, with the queue as only writer`,
    );
  const removal = state.removed.get(tag);
  if (removal === undefined || pinned) return false;
  const isNews =
    order > removal.order || (order === removal.order && requiredOf(digest) !== removal.required);
  const undone = removal.strict && !isNews && !flight.byPerson;
  const excused = undone && flight.unaware === removal;
  if (undone && !excused)
    throw new BrokenPromise(7, `${tag} was removed by a person and comes back as ${nameOf(digest)}`);
  if (isNews || flight.byPerson || excused) state.removed.delete(tag);
  return excused;
}

/** After the record changed: what is remembered was there, and it only ever rises. */
export function checkRecord(state: State, scenario: Scenario, tag: string, before: number | undefined): void {
  const record = state.published.get(tag);
  if (record?.digest === undefined) return;
  if (!state.everHeld.get(tag)?.has(record.digest))
    throw new BrokenPromise(7, `${nameOf(record.digest)} is remembered of ${tag} before it was there`);
  const order = recordedOrder(state, scenario, tag);
  if (before !== undefined && order !== undefined && order < before)
    throw new BrokenPromise(7, `what is remembered of ${tag} sinks from ${before} to ${order}`);
}

export function recordedOrder(state: State, scenario: Scenario, tag: string): number | undefined {
  const record = state.published.get(tag);
  if (record === undefined) return undefined;
  return orderOf(scenario, tag, record.build.captures);
}

/** Promise 3, and the part of 7 that rests in the record. Nothing moves: no handler, no write, no wake-up. */
export function checkRest(state: State, scenario: Scenario, options: { readonly record: boolean }): void {
  for (const target of targetsOf(scenario)) {
    const wrong = wrongAtRest(state, scenario, target);
    if (wrong !== undefined) throw new BrokenPromise(3, wrong);
    const t = holds(state, scenario, target);
    const pinned = isPinned(scenario, target);
    const complete = groupsOf(scenario, target).some(group => completeGroup(state, scenario, group));
    if (t.kind === 'absent' && complete && !pinned && !state.removed.has(target))
      throw new BrokenPromise(3, `${target} rests with nothing, and nobody removed it`);
    if (t.kind !== 'own' || !options.record || Number.isNaN(t.order)) continue;
    const record = state.published.get(target);
    const order = recordedOrder(state, scenario, target);
    const remembered =
      record !== undefined &&
      order !== undefined &&
      (order > t.order || (order === t.order && record.required.join() === requiredOf(t.digest)));
    if (!remembered)
      throw new BrokenPromise(7, `${target} rests with ${nameOf(t.digest)}, which is not remembered`);
  }
}

/** The digests of an index's required children, as one text. */
export function requiredOf(index: Digest): string {
  const children = indexFactsOf(index)?.children ?? [];
  return children
    .filter(child => REQUIRED.includes(imageWith(child)?.architecture ?? ''))
    .toSorted()
    .join();
}

export function orderOfIndex(scenario: Scenario, tag: string, digest: Digest): number {
  return orderOf(scenario, tag, indexFactsOf(digest)?.captures);
}

function sameMeaning(scenario: Scenario, tag: string, a: Digest, b: Digest): boolean {
  const [left, right] = [indexFactsOf(a), indexFactsOf(b)];
  if (!left || !right || left.children.length !== right.children.length) return false;
  if (!left.children.every(child => right.children.includes(child))) return false;
  return !isShared(scenario, tag) || JSON.stringify(left.captures) === JSON.stringify(right.captures);
}

function holdsWith(state: State, scenario: Scenario, tag: string, digest: Digest): Holds {
  return holds({ ...state, tags: new Map([[tag, { digest, pushedAt: 0 }]]) }, scenario, tag);
}
