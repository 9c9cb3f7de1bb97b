import type { RegistryPlan } from '../plan/plan-registry.ts';
import type { Planned } from '../plan/planned.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** How many there are of each, as `plan --json` tells them. */
export interface PlanSummary {
  readonly publish: number;
  readonly change: number;
  readonly unchanged: number;
  readonly waiting: number;
  readonly held: number;
  /** Repositories, or registries, that could not be read. */
  readonly failed: number;
}

export function summaryOf(plans: readonly RegistryPlan[]): PlanSummary {
  const failed = plans.reduce((sum, { failures }) => sum + failures.length, 0);
  return summaryOfActions(everyPlanned(plans), failed);
}

/** What was planned of single targets, where nothing else was read. */
export function summaryOfActions(all: readonly Pick<Planned, 'action'>[], failed = 0): PlanSummary {
  const count = (action: Planned['action']) => all.filter(one => one.action === action).length;
  return {
    publish: count('new'),
    change: count('change'),
    unchanged: count('unchanged'),
    waiting: count('waiting'),
    held: count('held'),
    failed,
  };
}

export function everyPlanned(plans: readonly RegistryPlan[]): readonly Planned[] {
  return plans.flatMap(({ repositories }) => repositories.flatMap(({ planned }) => planned));
}

/** A failure is always told by the exit code; the others where `states` says so. */
export function exitOf({ publish, change, waiting, held, failed }: PlanSummary, states: boolean): ExitCode {
  if (failed > 0) return EXIT.failed;
  if (!states) return EXIT.ok;
  if (held > 0) return EXIT.held;
  if (waiting > 0) return EXIT.waiting;
  return publish + change > 0 ? EXIT.pending : EXIT.ok;
}
