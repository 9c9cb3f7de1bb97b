import { type Cause, verifyWakeUps, type WakeUp } from '../assembly/wake-up.ts';
import { dueTime } from '../ledger/due-time.ts';
import type { Standing, StandingStore } from '../ledger/interface.ts';
import { targetKey } from '../ledger/target-key.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';

export interface DueOptions {
  readonly ledger: Pick<StandingStore, 'due' | 'record'>;
  readonly rules: readonly Rule[];
  readonly wake: (wakeUp: WakeUp) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How many targets are woken in one call. */
  readonly limit?: number;
}

/** After how long a target is woken again although its deadline has not moved, in milliseconds. */
const AGAIN = 10 * 60_000;

/**
 * Wakes the targets for which time alone changes something: a settled update, the end of a grace, a reminder.
 *
 * The function it gives is called every few seconds and answers how many it woke. A target that its pass leaves due
 * does not come back at once. One that no rule makes any more is recorded as that, or it would be due for ever.
 */
export function createDue({ ledger, rules, wake, now, limit = 500 }: DueOptions): () => Promise<number> {
  const woken = new Map<string, { readonly due: number | undefined; readonly at: number }>();

  return async () => {
    const time = now();
    for (const [key, { at }] of woken) if (time - at >= AGAIN) woken.delete(key);
    const iso = new Date(time).toISOString();
    const cause: Cause = { source: 'due', id: `due:${iso}`, time: iso };
    let count = 0;
    for (const standing of await ledger.due(iso, limit + woken.size)) {
      const key = targetKey(standing.target);
      const due = dueTime(standing);
      if (count >= limit || woken.get(key)?.due === due) continue;
      const wakeUps = wakeUpsFor(standing, rules, cause);
      if (wakeUps.length === 0) await ledger.record(withoutRule(standing, iso));
      for (const wakeUp of wakeUps) wake(wakeUp);
      woken.set(key, { due, at: time });
      count += wakeUps.length > 0 ? 1 : 0;
    }
    return count;
  };
}

function wakeUpsFor({ target, rule: name }: Standing, rules: readonly Rule[], cause: Cause): WakeUp[] {
  const { registry, repository, tag } = target;
  const rule = rulesFor(rules, registry, repository).find(candidate => candidate.name === name);
  return rule === undefined ? [] : verifyWakeUps(rule, registry, repository, tag, cause);
}

function withoutRule({ target, rule, captures }: Standing, now: string): Standing {
  return { target, rule, captures, state: 'ignored', reason: 'no-rule', since: now };
}
