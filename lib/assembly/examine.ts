import { ArchweaveError } from '../errors.ts';
import type { Build } from '../rules/build.ts';
import { buildCaptures, buildName, keyOf, memberOf, targetOf, targetsOf } from '../rules/group.ts';
import { compareBuilds } from '../rules/order.ts';
import type { Rule } from '../rules/rule.ts';
import type { Captures } from '../rules/template.ts';
import { type Decision, decide } from './decide.ts';
import type { Observation, Target } from './observation.ts';
import { observe, signalOf } from './observe.ts';
import { type Resolution, resolve } from './resolve.ts';
import type { Cause, Floor } from './wake-up.ts';
import type { Sights } from './world.ts';

/** Where a key's work is. */
export interface Place {
  readonly registry: string;
  readonly repository: string;
  readonly rule: Rule;
}

/** One target, what was seen of it and of the group that counts for it, and what is to be done. */
export interface Verdict extends Place {
  readonly captures: Captures;
  readonly observation: Observation;
  readonly resolution: Resolution;
  readonly target: Target;
  readonly build: Build;
  readonly decision: Decision;
}

/**
 * Looks at one group and decides about each of its targets, alone. Reads only: `plan`, `explain` and a pass that
 * writes all get their answer here.
 */
export async function examineGroup(
  sights: Sights,
  place: Place,
  captures: Captures,
  source: Cause['source'],
  floors: readonly Floor[] = [],
): Promise<readonly Verdict[]> {
  const targets = targetsOf(place.rule, captures);
  const free = targets.filter(({ tag }) => place.rule.pin[tag] === undefined);
  const pinned = targets.filter(({ tag }) => place.rule.pin[tag] !== undefined);
  const verdicts =
    free.length === 0 ? [] : await examineTargets(sights, place, captures, free, source, floors);
  for (const { tag } of pinned) verdicts.push(await examineTarget(sights, place, tag, source, floors));
  return verdicts;
}

/**
 * Looks for the build that a target should hold and decides about it.
 *
 * A target of one build has its group in its name. For a shared one the tags are listed once and builds are looked
 * at from the newest down, until one is complete or what the target holds is reached: some pass that begins after
 * the last write has landed considers every build there is.
 */
export async function examineTarget(
  sights: Sights,
  place: Place,
  tag: string,
  source: Cause['source'],
  floors: readonly Floor[] = [],
): Promise<Verdict> {
  const matches = targetOf(place.rule, tag);
  const shared = matches.some(match => match.shared);
  const single = matches[0];
  if (single !== undefined && !shared)
    return only(await examineTargets(sights, place, single.captures, [{ tag, shared }], source, floors));

  const target = { tag, shared };
  const groups = await groupsOf(sights, place, tag, matches);
  const pin = place.rule.pin[tag];
  if (pin !== undefined) {
    const chosen = groups.find(captures => buildName(place.rule, captures) === pin);
    if (chosen === undefined) return examineAlone(sights, place, target, source, floors);
    return only(await examineTargets(sights, place, chosen, [target], source, floors));
  }

  let newest: Verdict | undefined;
  for await (const verdict of newestFirst(sights, place, groups, target, source, floors)) {
    newest ??= verdict;
    if (verdict.resolution.kind === 'complete') return telling(verdict, newest);
    if (isBelowTarget(verdict)) break;
  }
  return newest ?? examineAlone(sights, place, target, source, floors);
}

/** What a person wants to know of a target that is right: that a newer build is on its way, or stuck. */
function telling(complete: Verdict, newest: Verdict): Verdict {
  const waits = newest.decision.kind === 'waiting' || newest.decision.kind === 'held';
  return complete.decision.kind === 'unchanged' && waits ? newest : complete;
}

function isBelowTarget({ rule, build, target: { state, published } }: Verdict): boolean {
  if (state.kind !== 'own') return false;
  const covered = published !== undefined && (compareBuilds(rule, state.build, published.build) ?? 0) < 0;
  return !covered && (compareBuilds(rule, build, state.build) ?? 0) < 0;
}

async function* newestFirst(
  sights: Sights,
  place: Place,
  groups: readonly Captures[],
  target: Pick<Target, 'tag' | 'shared'>,
  source: Cause['source'],
  floors: readonly Floor[],
): AsyncGenerator<Verdict> {
  const look = async (captures: Captures) =>
    only(await examineTargets(sights, place, captures, [target], source, floors));
  if (place.rule.newest.by === 'captures' || place.rule.newest.by === 'nothing') {
    const build = (captures: Captures): Build => ({ captures: buildCaptures(place.rule, captures) });
    const sorted = groups.toSorted((a, b) => compareBuilds(place.rule, build(b), build(a)) ?? 0);
    for (const captures of sorted) yield await look(captures);
    return;
  }
  const verdicts: Verdict[] = [];
  for (const captures of groups) verdicts.push(await look(captures));
  // What orders these builds is in their images, so an incomplete one has no order yet: it is told last.
  const complete = verdicts.filter(({ resolution }) => resolution.kind === 'complete');
  const sorted = complete.toSorted((a, b) => compareBuilds(place.rule, b.build, a.build) ?? 0);
  // Others were looked at since: what is written rests on the last look, not on one of some time ago.
  for (const [at, verdict] of sorted.entries())
    yield at === 0 && verdict === verdicts.at(-1) ? verdict : await look(verdict.captures);
  yield* verdicts.filter(({ resolution }) => resolution.kind !== 'complete');
}

async function groupsOf(
  sights: Sights,
  { registry, repository, rule }: Place,
  target: string,
  matches: ReturnType<typeof targetOf>,
): Promise<readonly Captures[]> {
  const keys = new Set(matches.map(({ captures }) => keyOf(registry, repository, rule, captures)));
  const groups = new Map<string, Captures>();
  for await (const page of sights.registry.listTags(repository, signalOf(sights))) {
    for (const { tag } of page) {
      const captures = memberOf(rule, tag)?.captures;
      if (captures === undefined || !keys.has(keyOf(registry, repository, rule, captures))) continue;
      if (!targetsOf(rule, captures).some(of => of.tag === target)) continue;
      groups.set(JSON.stringify(Object.entries(captures).toSorted()), captures);
    }
  }
  return [...groups.values()];
}

async function examineTargets(
  sights: Sights,
  place: Place,
  captures: Captures,
  targets: readonly Pick<Target, 'tag' | 'shared'>[],
  source: Cause['source'],
  floors: readonly Floor[],
): Promise<Verdict[]> {
  const observation = await observe(sights, { ...place, captures, targets });
  for (const floor of floors) refuseStale(place, observation, floor);
  return judge(sights, place, observation, source);
}

function judge(sights: Sights, place: Place, observation: Observation, source: Cause['source']): Verdict[] {
  const { rule, repository } = place;
  const resolution = resolve(rule, observation.members, sights.clock.now());
  const newest =
    resolution.kind === 'complete' && resolution.newest !== undefined ? { newest: resolution.newest } : {};
  const build: Build = { captures: buildCaptures(rule, observation.captures), ...newest };
  return observation.targets.map(target => {
    const waits =
      target.standing?.state === 'waiting' ? { waitingSince: Date.parse(target.standing.since) } : {};
    const decision = decide({
      rule,
      repository,
      target,
      resolution,
      build,
      now: sights.clock.now(),
      source,
      ...waits,
    });
    return { ...place, captures: observation.captures, observation, resolution, target, build, decision };
  });
}

/** A target of which no build can be found: what is there is told, and stays. */
async function examineAlone(
  sights: Sights,
  place: Place,
  target: Pick<Target, 'tag' | 'shared'>,
  source: Cause['source'],
  floors: readonly Floor[],
): Promise<Verdict> {
  const observation = await observe(sights, { ...place, captures: {}, members: [], targets: [target] });
  for (const floor of floors) refuseStale(place, observation, floor);
  return only(judge(sights, place, observation, source));
}

/**
 * The event said what the tag holds, and the registry says otherwise: this replica does not have it yet, or the
 * registry announces a manifest before it writes the tag (CNCF distribution does), or the tag has moved on. Nothing
 * tells these apart, so the wake-up comes back a few times before what is seen is believed.
 */
function refuseStale(
  { registry, repository }: Place,
  { members, targets }: Observation,
  { tag, digest }: Floor,
): void {
  const member = members.find(candidate => candidate.tag === tag);
  const state = member?.state ?? targets.find(target => target.tag === tag)?.state;
  if (state === undefined || state.kind === 'unreadable') return;
  if (state.kind !== 'absent' && state.digest === digest) return;
  throw new ArchweaveError({
    code: 'tag-moved',
    attempt: `read ${registry}/${repository}:${tag}`,
    reason: `the push of ${digest} was announced, but the tag does not show it yet`,
    retryable: true,
  });
}

function only(verdicts: readonly Verdict[]): Verdict {
  const [verdict] = verdicts;
  if (verdict === undefined) throw new ArchweaveError({ code: 'internal', attempt: 'decide about a target' });
  return verdict;
}
