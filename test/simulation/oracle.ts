import type { Digest } from '../../lib/image/digest.ts';
import { imageWith, indexFactsOf, nameOf } from './images.ts';
import {
  groupsOf,
  isPinned,
  isShared,
  memberTags,
  OPTIONAL,
  orderOf,
  REQUIRED,
  type Scenario,
} from './scenario.ts';
import type { State } from './state.ts';

/** A group that is complete: what its index has to hold. */
export interface Complete {
  readonly group: string;
  readonly order: number;
  readonly required: readonly Digest[];
  readonly children: ReadonlySet<Digest>;
}

/** What a target holds, as the protocol sorts it. `order` is NaN for an index of ours that tells no run. */
export type Holds =
  | { readonly kind: 'absent' }
  | { readonly kind: 'foreign'; readonly digest: Digest; readonly children: ReadonlySet<Digest> }
  | {
      readonly kind: 'own';
      readonly digest: Digest;
      readonly order: number;
      readonly children: ReadonlySet<Digest>;
    };

/** What a target may hold at rest: what it holds, an index of these children, or this manifest. */
export type Rest =
  | { readonly kind: 'as it is'; readonly why: string }
  | { readonly kind: 'index'; readonly of: Complete }
  | { readonly kind: 'manifest'; readonly digest: Digest };

/** Whether a group is complete, from the tags alone. */
export function completeGroup(state: State, scenario: Scenario, group: string): Complete | undefined {
  const wanted = scenario.optional ? [...REQUIRED, OPTIONAL] : REQUIRED;
  const held = new Map(
    wanted.map(architecture => {
      const tags = memberTags(group, architecture).map(tag => state.tags.get(tag)?.digest);
      return [architecture, new Set(tags.filter(digest => digest !== undefined))];
    }),
  );
  for (const [architecture, digests] of held)
    for (const digest of digests) {
      const image = imageWith(digest);
      if (image?.architecture !== architecture) return undefined; // mislabelled, or no image
    }
  const required: Digest[] = [];
  for (const architecture of REQUIRED) {
    const digests = [...held.get(architecture)!];
    if (digests.length !== 1) return undefined; // missing, or two of them
    required.push(digests[0]!);
  }
  const builds = new Set(required.map(digest => imageWith(digest)?.revision));
  if (builds.size !== 1) return undefined; // mixed
  if (new Set(required.map(digest => imageWith(digest)?.number)).size !== 1) return undefined;
  const [build] = builds;
  const optional = [...(held.get(OPTIONAL) ?? [])].filter(digest => imageWith(digest)?.revision === build);
  return {
    group,
    order: scenario.groups.indexOf(group),
    required: required.toSorted(),
    children: new Set([...required, ...optional]),
  };
}

export function holds(state: State, scenario: Scenario, target: string): Holds {
  const digest = state.tags.get(target)?.digest;
  if (digest === undefined) return { kind: 'absent' };
  const facts = indexFactsOf(digest);
  if (!facts) return { kind: 'foreign', digest, children: new Set() };
  const children = new Set(facts.children);
  const record = state.published.get(target);
  if (!isShared(scenario, target))
    return facts.captures || record?.digest === digest
      ? { kind: 'own', digest, order: 0, children }
      : { kind: 'foreign', digest, children };
  if (facts.captures)
    return { kind: 'own', digest, order: orderOf(scenario, target, facts.captures), children };
  return record?.digest === digest
    ? { kind: 'own', digest, order: orderOf(scenario, target, record.build.captures), children }
    : { kind: 'foreign', digest, children };
}

/** R(T): what the target has to hold once nothing moves, from the tags and the record alone. */
export function restOf(state: State, scenario: Scenario, target: string): Rest {
  const asItIs = (why: string): Rest => ({ kind: 'as it is', why });
  const t = holds(state, scenario, target);
  const shared = isShared(scenario, target);
  const complete = groupsOf(scenario, target)
    .flatMap(group => completeGroup(state, scenario, group) ?? [])
    .map(found => (shared ? found : { ...found, order: 0 }));
  const newest = complete.findLast(({ group }) => !isPinned(scenario, target) || group === scenario.pin);
  if (newest === undefined) return asItIs('no build is complete');
  const index: Rest = { kind: 'index', of: newest };
  if (t.kind !== 'absent' && state.immutable.has(target)) return asItIs('it is immutable');
  if (isPinned(scenario, target)) return index;
  const record = state.published.get(target);
  const recorded = record && orderOf(scenario, target, record.build.captures);
  if (t.kind === 'own') {
    if (Number.isNaN(t.order)) return asItIs('its build cannot be ordered');
    if (recorded !== undefined && t.order < recorded && newest.order < recorded) {
      const readable = record?.digest !== undefined && readableIndex(state, record.digest);
      if (readable) return { kind: 'manifest', digest: record.digest };
    }
    if (t.order > newest.order) return asItIs('a newer build was withdrawn');
    if (t.order === newest.order && isPartial(scenario, newest, t.children))
      return asItIs('the tag is half updated');
    return index;
  }
  if (record === undefined || recorded === undefined)
    return t.kind === 'foreign' && !scenario.adopt ? asItIs('it is a stranger’s') : index;
  if (newest.order > recorded) return index;
  if (newest.order === recorded && newest.required.join() !== record.required.join()) return index;
  return asItIs('a person removed it');
}

function readableIndex(state: State, digest: Digest): boolean {
  const facts = indexFactsOf(digest);
  return state.stored.has(digest) && (facts?.children ?? []).every(child => state.stored.has(child));
}

/** Without labels and with `partial: hold`, a build some of whose members were pushed again keeps its index. */
function isPartial(scenario: Scenario, newest: Complete, children: ReadonlySet<Digest>): boolean {
  if (scenario.labelled || scenario.partial === 'publish') return false;
  if (newest.required.some(digest => imageWith(digest)?.revision !== undefined)) return false;
  const still = newest.required.filter(digest => children.has(digest));
  return still.length > 0 && still.length < newest.required.length;
}

/** Whether the target is where it has to be; else what is wrong, for a person. */
export function wrongAtRest(state: State, scenario: Scenario, target: string): string | undefined {
  const rest = restOf(state, scenario, target);
  const t = holds(state, scenario, target);
  if (rest.kind === 'as it is') return undefined;
  const has = t.kind === 'absent' ? 'nothing' : nameOf(t.digest);
  if (rest.kind === 'manifest')
    return t.kind !== 'absent' && t.digest === rest.digest
      ? undefined
      : `${target} rests with ${has}, not with what was published: ${nameOf(rest.digest)}`;
  const { of } = rest;
  const right =
    t.kind !== 'absent' &&
    t.children.size === of.children.size &&
    [...of.children].every(child => t.children.has(child)) &&
    (!isShared(scenario, target) || (t.kind === 'own' && t.order === of.order));
  if (right) return undefined;
  const wanted = `${of.group} [${[...of.children].map(nameOf).join(' ')}]`;
  return `${target} rests with ${has}, not with the index of ${wanted}`;
}
