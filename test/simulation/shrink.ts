import type { Core } from './core.ts';
import { type FaultName, NO_FAULTS } from './faults.ts';
import { type Plan, type Played, type Playing, play } from './seed.ts';

const MOST_PLAYS = 600;
/** With fewer acts the lots fall otherwise, so a smaller plan is tried with some other schedules too. */
const OTHER_SCHEDULES = 6;

export interface Shrunk {
  readonly plan: Plan;
  readonly played: Played;
}

/**
 * A smaller plan that breaks the same promise: fewer acts, fewer kinds of faults, fewer steps. Not the smallest there
 * is, but one that a person can read.
 */
export async function shrink(core: Core, plan: Plan, playing: Playing = {}): Promise<Shrunk> {
  const { trace: _, ...quiet } = playing;
  let best = { plan, played: await play(core, plan, quiet) };
  const promise = best.played.broken?.promise;
  let plays = 1;
  const accept = async (candidate: Plan): Promise<boolean> => {
    for (let other = 0; other <= OTHER_SCHEDULES && plays < MOST_PLAYS; other++, plays++) {
      const tried = { ...candidate, schedule: candidate.schedule + other };
      const played = await play(core, tried, quiet);
      if (played.broken?.promise !== promise) continue;
      best = { plan: tried, played };
      return true;
    }
    return false;
  };
  const withFaults = (change: Partial<Plan['faults']>): Plan => {
    return { ...best.plan, faults: { ...best.plan.faults, ...change } };
  };

  for (const fault of Object.keys(NO_FAULTS) as FaultName[])
    if (best.plan.faults[fault] > 0) await accept(withFaults({ [fault]: 0 }));
  for (let size = Math.ceil(best.plan.acts.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < best.plan.acts.length; ) {
      const acts = best.plan.acts.toSpliced(at, size);
      if (!(await accept({ ...best.plan, acts }))) at += size;
    }
  for (let schedule = 1; schedule <= 20 && plays < MOST_PLAYS; schedule++, plays++) {
    const tried = { ...best.plan, schedule };
    const played = await play(core, tried, quiet);
    if (played.broken?.promise === promise && played.steps < best.played.steps)
      best = { plan: tried, played };
  }
  return best;
}

/** What happened, line by line, of the smallest plan that was found. */
export async function traceOf(core: Core, plan: Plan, playing: Playing = {}): Promise<readonly string[]> {
  const lines: string[] = [];
  await play(core, plan, { ...playing, trace: line => lines.push(line) });
  return lines;
}
