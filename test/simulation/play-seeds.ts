import type { Core } from './core.ts';
import { type Plan, type Played, type Playing, planOf, play } from './seed.ts';
import { shrink, traceOf } from './shrink.ts';

export interface Tally {
  readonly seeds: number;
  readonly steps: number;
  /** What happened how often: acts, faults, writes. */
  readonly counts: ReadonlyMap<string, number>;
  readonly broken: readonly { readonly seed: number; readonly plan: Plan; readonly played: Played }[];
}

/** Plays seeds one after the other; goes on after a broken promise, up to `most` of them. */
export async function playSeeds(
  core: Core,
  { first = 1, seeds, most = 5, ...playing }: { first?: number; seeds: number; most?: number } & Playing,
): Promise<Tally> {
  const counts = new Map<string, number>();
  const broken: { seed: number; plan: Plan; played: Played }[] = [];
  let steps = 0;
  let seed = first;
  for (; seed < first + seeds && broken.length < most; seed++) {
    const plan = planOf(seed);
    const played = await play(core, plan, playing);
    steps += played.steps;
    for (const [what, count] of played.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (played.broken) broken.push({ seed, plan, played });
  }
  return { seeds: seed - first, steps, counts, broken };
}

const FAULTS: Readonly<Record<string, string>> = {
  crash: 'handlers died',
  expiry: 'messages seen twice',
  timeout: 'writes landed late',
  lostWrite: 'writes lost',
  failedWrite: 'writes failed',
  failedRead: 'reads failed',
  stale: 'stale reads',
  excused: 'removals hidden by one and undone',
  torn: 'torn reads',
  lostEvent: 'events lost',
  doubleEvent: 'events doubled',
  'dead letter': 'dead letters',
  contested: 'looks at contested targets',
};

/** One line: how much was tried, and which faults happened how often. */
export function summary({ seeds, steps, counts, broken }: Tally): string {
  const faults = Object.entries(FAULTS).map(([name, words]) => `${counts.get(name) ?? 0} ${words}`);
  const acts = ['remove', 'replace', 'point at another index', 'make immutable', 'purge', 'apply', 'create'];
  const people = acts.reduce((sum, act) => sum + (counts.get(act) ?? 0), 0);
  const head = `${seeds} seeds, as many schedules, ${steps} states, ${counts.get('landing') ?? 0} writes landed`;
  return `${head}; ${faults.join(', ')}; ${people} acts of people; ${broken.length} broken promises`;
}

/** For a person: the broken promise of one seed, and the shortest trace to it that was found. */
export async function explain(
  core: Core,
  { seed, plan, played }: Tally['broken'][number],
  playing: Playing = {},
): Promise<string> {
  const small = await shrink(core, plan, playing);
  const lines = await traceOf(core, small.plan, playing);
  return [
    `seed ${seed} (${plan.scenario.name}): ${played.broken?.message}`,
    `shrunk to ${small.plan.acts.length} acts and ${small.played.steps} steps:`,
    ...lines.map(line => `  ${line}`),
  ].join('\n');
}
