import { type Permit, type Planned, perform, planActs } from './acts.ts';
import type { Core } from './core.ts';
import { type Faults, NEED_THE_SWEEP, NO_FAULTS, orderly, someFaults } from './faults.ts';
import { BrokenPromise, checkRest } from './promises.ts';
import { Random } from './random.ts';
import { REGISTRY, REPOSITORY, SCENARIOS, type Scenario, targetsOf } from './scenario.ts';
import { Simulation } from './simulation.ts';
import { sweep } from './sweep.ts';

/** Everything that a seed decides before the first step. `schedule` is the seed of who takes which step. */
export interface Plan {
  readonly scenario: Scenario;
  readonly faults: Faults;
  readonly lone: boolean;
  readonly acts: readonly Planned[];
  readonly schedule: number;
  readonly tellsTimes: boolean;
  readonly tellsImmutable: boolean;
  readonly pageSize: number;
}

export interface Played {
  readonly broken?: BrokenPromise;
  readonly steps: number;
  readonly counts: ReadonlyMap<string, number>;
}

const LIKELY: Readonly<Record<Permit, number>> = {
  person: 0.5,
  'second writer': 0.5,
  immutable: 0.15,
  purge: 0.25,
};
const PERMITS = Object.keys(LIKELY) as readonly Permit[];
const OVERLAP = ['expiry', 'apply', 'create'];
const MANY_STEPS = 20_000;
const MINUTE = 60_000;

export function planOf(seed: number): Plan {
  const random = new Random(seed);
  const scenario = SCENARIOS[seed % SCENARIOS.length]!;
  const lone = random.chance(0.25);
  const permits = new Set(PERMITS.filter(permit => !lone && random.chance(LIKELY[permit])));
  const faults = someFaults(random);
  return {
    scenario,
    lone,
    faults: lone ? orderly(faults) : faults,
    acts: planActs(random, scenario, permits),
    schedule: random.below(1e9),
    tellsTimes: random.chance(0.6),
    tellsImmutable: random.chance(0.6),
    pageSize: random.pick([2, 100]),
  };
}

export interface Playing {
  readonly contentDeduplication?: boolean;
  readonly trace?: (line: string) => void;
}

/** Plays a plan and checks every promise on the way; the first broken one ends it. */
export async function play(core: Core, plan: Plan, playing: Playing = {}): Promise<Played> {
  const random = new Random(plan.schedule);
  const simulation = new Simulation({ ...plan, ...playing, core, random });
  try {
    await playThrough(simulation, plan);
  } catch (error) {
    if (!(error instanceof BrokenPromise)) throw error;
    simulation.tell(error.message);
    return { broken: error, steps: simulation.steps, counts: simulation.counts };
  }
  return { steps: simulation.steps, counts: simulation.counts };
}

async function playThrough(simulation: Simulation, { acts, scenario }: Plan): Promise<void> {
  for (const { act, steps } of acts) {
    await perform(simulation, act);
    for (let step = 0; step < steps; step++) await simulation.step();
  }
  await drain(simulation);
  if (!needsTheSweep(simulation)) {
    simulation.tell('everything rests, and no event was lost');
    const record = !simulation.counts.has('crash');
    checkRest(simulation.state, scenario, { record });
  }
  await sweepOnce(simulation);
  checkRest(simulation.state, scenario, { record: true });
  await removeAtRest(simulation);
}

/** One sweep after the last fault; another one finds nothing left to write. */
async function sweepOnce(simulation: Simulation): Promise<void> {
  const { state } = simulation;
  simulation.faults = NO_FAULTS;
  simulation.outage = 0;
  state.dead = [];
  state.now += 45 * MINUTE;
  simulation.tell('one sweep, without faults');
  await sweep(simulation);
  await drain(simulation);
  const landings = simulation.counts.get('landing');
  state.now += 45 * MINUTE;
  await sweep(simulation);
  await drain(simulation);
  if (simulation.counts.get('landing') !== landings) throw new BrokenPromise(5, 'a second sweep wrote again');
}

/** A person removes what is there while nothing moves: it stays away, whatever sweeps and repeated events say. */
async function removeAtRest(simulation: Simulation): Promise<void> {
  const { state, setting } = simulation;
  const { random, scenario } = setting;
  const target = random.pick(targetsOf(scenario).filter(tag => state.tags.has(tag)));
  if (target === undefined) return;
  await perform(simulation, { kind: random.chance(0.5) ? 'remove' : 'replace', target });
  const again = random.pick([...state.tags.keys()].filter(tag => tag.includes('-')));
  if (again !== undefined) {
    const { digest } = state.tags.get(again)!;
    const time = new Date(state.now).toISOString();
    const event = { registry: REGISTRY, repository: REPOSITORY, tag: again, digest, action: 'push' as const };
    state.events.push({ ...event, time, id: 'again' });
  }
  await drain(simulation);
  await sweep(simulation);
  await drain(simulation);
  checkRest(state, scenario, { record: true });
}

/** Lets everything run to its end, and time to what falls due within the next half hour. */
async function drain(simulation: Simulation): Promise<void> {
  const { state, setting } = simulation;
  for (let step = 0; step < MANY_STEPS; step++) {
    if (await simulation.step()) continue;
    if (!simulation.rests) throw new BrokenPromise(6, 'something waits for ever');
    const next = [...state.standings.values()]
      .filter(({ dueAt }) => dueAt !== undefined && Date.parse(dueAt) <= state.now + 31 * MINUTE)
      .filter(({ target, dueAt }) => !simulation.fellDue.has(`${target.tag} ${dueAt}`))
      .toSorted((a, b) => Date.parse(a.dueAt!) - Date.parse(b.dueAt!))[0];
    if (next === undefined) return;
    state.now = Math.max(state.now, Date.parse(next.dueAt!));
    simulation.fellDue.add(`${next.target.tag} ${next.dueAt}`);
    simulation.tell(`${next.target.tag} falls due`);
    const cause = { source: 'due' as const, id: 'due', time: next.dueAt! };
    const { scenario, core } = setting;
    for (const wakeUp of core.verifyWakeUps(scenario.rule, REGISTRY, REPOSITORY, next.target.tag, cause))
      simulation.enqueue(wakeUp);
  }
  throw new BrokenPromise(3, `no rest after ${MANY_STEPS} steps`);
}

/** Whether something happened after which only a sweep finds what is to be done. */
function needsTheSweep({ counts, setting: { scenario } }: Simulation): boolean {
  if (NEED_THE_SWEEP.some(fault => counts.has(fault))) return true;
  // Deadlines are kept with the standings, and of two handlers that report at once the later one's stays.
  return !scenario.labelled && OVERLAP.some(act => counts.has(act));
}
