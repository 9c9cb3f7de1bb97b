import type { ParsedEvents } from '../events/parsed-events.ts';
import type { PollStore } from '../ledger/polls.ts';
import type { Rule } from '../rules/rule.ts';
import { type PolledRegistry, pollRegistry } from '../server/poll.ts';
import { failureFacts, type Telemetry } from './telemetry.ts';

export interface PollRunsOptions {
  readonly readerOf: (host: string) => PolledRegistry | undefined;
  readonly rules: readonly Rule[];
  readonly store: PollStore;
  /** Sends the wake-ups of what is new to the queue. */
  readonly take: (events: ParsedEvents) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Ends what takes longer. */
  readonly timeout: (milliseconds: number) => AbortSignal;
}

/** Left for telling what was found, in milliseconds. */
const SPARE = 2_000;

/**
 * Makes what polls registries, side by side. What could not be looked at is told, and found by the next run, which is
 * never far. Rejects at its end where a registry could not be looked at at all, so that it counts as an error.
 */
export function createPollRuns({ readerOf, rules, store, take, telemetry, now, timeout }: PollRunsOptions) {
  return async (hosts: readonly string[], remaining: number): Promise<void> => {
    const signal = timeout(Math.max(0, remaining - SPARE));
    const ended = await Promise.allSettled(hosts.map(host => poll(host, signal)));
    const failed = ended.find(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  };

  async function poll(registry: string, signal: AbortSignal): Promise<void> {
    const reader = readerOf(registry);
    if (reader === undefined)
      return telemetry.log('warn', 'ignored', { reason: 'unknown registry', registry });
    const taking = { take: (pushes: ParsedEvents['pushes']) => take({ pushes, ignored: [] }) };
    const result = await pollRegistry({ registry, reader, rules, store, now, ...taking }, signal);
    const { repositories, pushes, failures } = result;
    for (const { repository, error } of failures)
      telemetry.log('warn', 'failed', { registry, repository: repository ?? null, ...failureFacts(error) });
    telemetry.log('info', 'polled', { registry, repositories, pushes, failures: failures.length });
    const whole = failures.find(({ repository }) => repository === undefined);
    if (whole !== undefined) throw whole.error;
  }
}
