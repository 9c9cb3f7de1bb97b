import {
  contentOf,
  type Image,
  imageOf,
  imageWith,
  indexFactsOf,
  nameOf,
  reformatted,
  strangersIndex,
} from './images.ts';
import { holds } from './oracle.ts';
import { noteRemoval, tellRemoval } from './person.ts';
import type { Random } from './random.ts';
import { deleteTag, purge, putTag } from './registry-acts.ts';
import {
  isShared,
  memberTags,
  OPTIONAL,
  REGISTRY,
  REPOSITORY,
  REQUIRED,
  type Scenario,
  targetsOf,
} from './scenario.ts';
import type { Simulation } from './simulation.ts';

/** Something that happens outside of archweave: a pipeline, a person, the passing of time. */
export type Act =
  | { readonly kind: 'push'; readonly tag: string; readonly facts: Omit<Image, 'manifest'> }
  | { readonly kind: 'delete' | 'purge'; readonly tag: string }
  /** A tag is pointed at what it held before, so many images back. */
  | { readonly kind: 'move back'; readonly tag: string; readonly back: number }
  | { readonly kind: 'remove' | 'replace' | 'point at another index' | 'reformat'; readonly target: string }
  | { readonly kind: 'make immutable' | 'make mutable'; readonly target: string }
  /** The registry deletes every index of the target that no tag holds any more. */
  | { readonly kind: 'expire'; readonly target: string }
  | { readonly kind: 'apply'; readonly target: string }
  | { readonly kind: 'create'; readonly group: string }
  | { readonly kind: 'wait'; readonly minutes: number };

/** An act, and how many steps the rest of the world takes before the next one. */
export interface Planned {
  readonly act: Act;
  readonly steps: number;
}

export type Permit = 'person' | 'second writer' | 'immutable' | 'purge';

/** What happens in one seed. Builds come whole and in halves, mixed, mislabelled, twice and backwards. */
export function planActs(
  random: Random,
  scenario: Scenario,
  permits: ReadonlySet<Permit>,
): readonly Planned[] {
  const planned: Planned[] = [];
  // Where no target is shared, new builds come under the same tags.
  const moves = !targetsOf(scenario).some(target => isShared(scenario, target));
  let serial = 0;
  const plan = (act: Act) => planned.push({ act, steps: random.below(random.chance(0.2) ? 40 : 12) });
  const push = (group: string, architecture: string, revision: string | undefined) => {
    const tags = memberTags(group, architecture);
    const tag = random.chance(0.93) ? tags[0]! : random.pick(tags);
    const wrong = random.chance(0.03);
    const odd = scenario.labelled && random.chance(0.05);
    const facts = {
      architecture: wrong ? random.pick(REQUIRED) : architecture,
      serial: random.chance(0.08) ? serial : ++serial,
      ...(revision === undefined ? {} : { revision: odd ? 'rX' : revision }),
      ...(scenario.numbered ? { number: String(8 + scenario.groups.indexOf(group)) } : {}),
    };
    plan({ kind: 'push', tag, facts });
  };
  const wanted = scenario.optional ? [...REQUIRED, OPTIONAL] : REQUIRED;
  const events = 5 + random.below(12);
  for (let event = 1; event <= events; event++) {
    const group = random.pick(scenario.groups);
    const revision = scenario.labelled ? (moves ? `r${event}` : `r${group}`) : undefined;
    const target = random.pick(targetsOf(scenario));
    const tag = random.pick(memberTags(group, random.pick(wanted)));
    const what = random.weighted<() => void>([
      { weight: 8, value: () => shuffled(random, wanted).forEach(name => void push(group, name, revision)) },
      { weight: 4, value: () => push(group, random.pick(wanted), revision) },
      { weight: 1, value: () => plan({ kind: 'delete', tag }) },
      { weight: 0.5, value: () => plan({ kind: 'move back', tag, back: random.below(4) }) },
      {
        weight: moves ? 4 : 0.3,
        value: () => {
          const back = 1 + random.below(2);
          for (const name of wanted) plan({ kind: 'move back', tag: memberTags(group, name)[0]!, back });
        },
      },
      { weight: 1, value: () => plan({ kind: 'wait', minutes: random.pick([1, 11, 45]) }) },
      ...allowed('purge', 0.5, () => plan({ kind: 'purge', tag })),
      ...allowed('purge', 2, () => plan({ kind: 'expire', target })),
      ...allowed('second writer', 1.5, () => plan({ kind: 'apply', target })),
      ...allowed('second writer', scenario.targets.has(group) ? 0.7 : 0, () =>
        plan({ kind: 'create', group }),
      ),
      ...allowed('person', 1, () => plan({ kind: 'remove', target })),
      ...allowed('person', 0.7, () => plan({ kind: 'replace', target })),
      ...allowed('person', 0.5, () => plan({ kind: 'point at another index', target })),
      ...allowed('person', 0.5, () => plan({ kind: 'reformat', target })),
      ...allowed('immutable', 1, () => plan({ kind: 'make immutable', target })),
      ...allowed('immutable', 0.7, () => plan({ kind: 'make mutable', target })),
    ]);
    what();
  }
  return planned;

  function allowed(permit: Permit, weight: number, value: () => void) {
    return permits.has(permit) ? [{ weight, value }] : [];
  }
}

export async function perform(simulation: Simulation, act: Act): Promise<void> {
  const { state, setting } = simulation;
  simulation.count(act.kind);
  if (act.kind !== 'apply' && act.kind !== 'create' && act.kind !== 'wait') simulation.snapshot();
  switch (act.kind) {
    case 'push': {
      const { manifest } = imageOf(act.facts);
      simulation.tell(`PUSH ${act.tag} = ${nameOf(manifest.digest)}`);
      return putTag(state, act.tag, manifest);
    }
    case 'delete':
      simulation.tell(`DELETE ${act.tag}`);
      return deleteTag(state, act.tag);
    case 'purge': {
      const digest = state.tags.get(act.tag)?.digest;
      if (digest === undefined) return;
      simulation.tell(`PURGE ${nameOf(digest)}`);
      return purge(state, digest);
    }
    case 'expire': {
      const tagged = new Set([...state.tags.values()].map(({ digest }) => digest));
      const unused = [...(state.everHeld.get(act.target) ?? [])].filter(digest => !tagged.has(digest));
      simulation.tell(`EXPIRE ${unused.map(nameOf).join(', ')}`);
      simulation.count('purge');
      for (const digest of unused) if (indexFactsOf(digest)) state.stored.delete(digest);
      return;
    }
    case 'move back': {
      const before = [...(state.everHeld.get(act.tag) ?? [])].filter(digest => state.stored.has(digest));
      const digest = before.at(-1 - act.back);
      if (digest === undefined) return;
      simulation.tell(`MOVE ${act.tag} = ${nameOf(digest)}`);
      return putTag(state, act.tag, contentOf(digest)!);
    }
    case 'make immutable':
    case 'make mutable': {
      const change = act.kind === 'make immutable' ? 'add' : 'delete';
      simulation.tell(`A PERSON MAKES ${act.target} ${act.kind.slice(5)}`);
      state.immutable[change](act.target);
      simulation.count('immutable');
      return;
    }
    case 'apply': {
      const cause = { source: 'cli' as const, id: 'cli', time: new Date(state.now).toISOString() };
      const { rule } = setting.scenario;
      const [wakeUp] = setting.core.verifyWakeUps(rule, REGISTRY, REPOSITORY, act.target, cause);
      return simulation.start({ kind: 'apply', wakeUp: wakeUp! });
    }
    case 'create':
      return simulation.start({ kind: 'create', group: act.group, tag: act.group });
    case 'wait':
      simulation.tell(`${act.minutes} MINUTES PASS`);
      state.now += act.minutes * 60_000;
      return;
    default:
      return personActs(simulation, act);
  }
}

function personActs(
  simulation: Simulation,
  act: Extract<Act, { kind: 'remove' | 'replace' | 'point at another index' | 'reformat' }>,
): void {
  const { state } = simulation;
  const { target } = act;
  if (state.immutable.has(target)) return;
  const t = holds(state, simulation.setting.scenario, target);
  if (act.kind === 'reformat' || act.kind === 'point at another index') {
    if (t.kind !== 'own') return;
    const others = [...(state.everHeld.get(target) ?? [])].filter(digest => {
      return digest !== t.digest && indexFactsOf(digest)?.captures && state.stored.has(digest);
    });
    const manifest =
      act.kind === 'reformat' ? reformatted(contentOf(t.digest)!) : others[0] && contentOf(others[0]);
    if (manifest === undefined) return;
    simulation.tell(`A PERSON WRITES ${target} = ${nameOf(manifest.digest)}`);
    putTag(state, target, manifest);
    return;
  }
  noteRemoval(state, simulation.setting.scenario, simulation.handlers, target);
  if (act.kind === 'remove') {
    simulation.tell(tellRemoval(state, target));
    deleteTag(state, target);
    return;
  }
  const child = [...state.stored].map(imageWith).find(image => image !== undefined);
  if (child === undefined) return;
  simulation.tell(`A PERSON REPLACES ${target} WITH SOMETHING ELSE`);
  putTag(state, target, simulation.setting.random.chance(0.5) ? child.manifest : strangersIndex(child));
}

function shuffled<T>(random: Random, from: readonly T[]): readonly T[] {
  return from
    .map(value => ({ value, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
