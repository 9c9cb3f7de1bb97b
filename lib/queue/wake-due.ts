import { type Cause, verifyWakeUps, type WakeUp } from '../assembly/wake-up.ts';
import type { StandingStore, TargetRef } from '../ledger/interface.ts';
import type { PublishedList } from '../ledger/marks.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { createDue } from '../server/due.ts';
import { enqueue } from './enqueue.ts';
import type { Telemetry } from './telemetry.ts';
import type { WorkQueue } from './work-queue.ts';

export interface WakeDueOptions {
  readonly ledger: Pick<StandingStore, 'due' | 'record'> & PublishedList;
  readonly rules: readonly Rule[];
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds between two runs. */
  readonly every: number;
}

/**
 * How old a publication is when its target is looked at again, in milliseconds. A write that landed late is seen
 * then also where the registry does not announce our own pushes; the last look is past the life of any write.
 */
export const LOOKS_AFTER_PUBLICATION: readonly number[] = [5, 20, 55].map(minutes => minutes * 60_000);

const LIMIT = 500;

/**
 * Wakes what time alone changes: targets that are due, and those that were published within the last hour. Asks no
 * registry.
 */
export async function wakeDue(
  options: WakeDueOptions,
): Promise<{ readonly due: number; readonly recent: number }> {
  const { ledger, rules, queue, telemetry, now } = options;
  const wakeUps: WakeUp[] = [];
  const due = createDue({ ledger, rules, now, limit: LIMIT, wake: wakeUp => wakeUps.push(wakeUp) });
  let counted = 0;
  for (let woken = LIMIT; woken >= LIMIT; ) {
    woken = await due();
    counted += woken;
    await enqueue(queue, wakeUps.splice(0), rules);
  }
  const recent = await recentlyPublished(options);
  const time = new Date(now()).toISOString();
  const cause: Cause = { source: 'due', id: `published:${time}`, time };
  await enqueue(
    queue,
    recent.flatMap(target => verify(target, rules, cause)),
    rules,
  );
  telemetry.log('info', 'due', { due: counted, recent: recent.length });
  return { due: counted, recent: recent.length };
}

/** Each publication falls into one run for each age, because the ages are spans of one period. */
async function recentlyPublished({ ledger, now, every }: WakeDueOptions): Promise<readonly TargetRef[]> {
  const until = Math.floor(now() / every) * every;
  const spans = LOOKS_AFTER_PUBLICATION.map(age =>
    ledger.publishedBetween(until - age - every, until - age - 1),
  );
  return (await Promise.all(spans)).flat();
}

function verify({ registry, repository, tag }: TargetRef, rules: readonly Rule[], cause: Cause): WakeUp[] {
  return rulesFor(rules, registry, repository).flatMap(rule =>
    verifyWakeUps(rule, registry, repository, tag, cause),
  );
}
