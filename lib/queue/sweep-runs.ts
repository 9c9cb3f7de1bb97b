import type { MarkStore } from '../ledger/marks.ts';
import { type SweepTask, sweepMessage } from '../messages/sweep-message.ts';
import type { ManifestReader, RepositoryLister, TagLister } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import { sweepRegistry } from './sweep-registry.ts';
import { sweepRepository } from './sweep-repository.ts';
import type { Telemetry } from './telemetry.ts';
import type { WorkQueue } from './work-queue.ts';

export interface SweepRunsOptions {
  readonly readerOf: (
    host: string,
  ) => (TagLister & Pick<ManifestReader, 'resolveReferences'> & Partial<RepositoryLister>) | undefined;
  readonly rules: readonly Rule[];
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly marks: Pick<MarkStore, 'marks' | 'sweptRules' | 'setSwept'>;
  /** Sends tasks to the queue of sweeps. */
  readonly send: (bodies: readonly string[]) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A run stops to make new tasks with so much time left, in milliseconds. */
const ENOUGH = 20_000;

/**
 * Makes what does one task of a sweep. Where its time runs out, it sends itself a task for the rest. Rejects what
 * could not be read, so that the task comes again; other repositories are other tasks.
 */
export function createSweepRuns({ readerOf, rules, queue, marks, send, telemetry, now }: SweepRunsOptions) {
  return async (task: SweepTask, remaining: () => number): Promise<void> => {
    const { registry, repository, began } = task;
    const reader = readerOf(registry);
    if (reader === undefined)
      return telemetry.log('warn', 'ignored', { reason: 'unknown registry', registry });
    const goesOn = () => remaining() > ENOUGH;
    if (repository === undefined) {
      const names = rulesOf(rules, registry);
      const swept = await marks.sweptRules(registry);
      const first = task.after === undefined ? names.filter(name => !swept.has(name)) : task.first;
      const whole = { ...task, first };
      const { repositories, after } = await sweepRegistry({ reader, rules, send, goesOn }, whole);
      telemetry.log('info', 'sweep', { registry, repositories, began, after: after ?? null });
      if (after !== undefined) return send([sweepMessage({ ...whole, after })]);
      await marks.setSwept(registry, names);
      telemetry.measure('SweepCompleted');
      return;
    }
    const swept = await sweepRepository(
      { reader, rules, queue, marks, now, goesOn },
      { ...task, repository },
    );
    const { targets, wakeUps, pastHorizon, after = null } = swept;
    telemetry.log('info', 'swept', { registry, repository, targets, wakeUps, pastHorizon, began, after });
    if (after !== null) await send([sweepMessage({ ...task, after })]);
  };
}

function rulesOf(rules: readonly Rule[], host: string): readonly string[] {
  return rules
    .filter(({ repositories }) => repositories.some(({ registry }) => registry === host))
    .map(({ name }) => name);
}
