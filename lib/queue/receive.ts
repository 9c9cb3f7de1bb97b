import { wakeUpsOf } from '../assembly/wake-up.ts';
import type { ParsedEvents } from '../events/parsed-events.ts';
import type { Push } from '../events/push.ts';
import type { Rule } from '../rules/rule.ts';
import { enqueue } from './enqueue.ts';
import type { Telemetry } from './telemetry.ts';
import type { WorkQueue } from './work-queue.ts';

export interface TakeEventsOptions {
  readonly rules: readonly Rule[];
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly telemetry: Telemetry;
  /** All names that rules may have for the registry that an event names; itself where left out. */
  readonly namesOf?: (registry: string) => readonly string[];
}

export interface ReceiveOptions extends TakeEventsOptions {
  readonly parse: (event: unknown) => ParsedEvents;
}

/**
 * Takes an event: parses it, drops what no rule wants, and sends the rest to the queue. Pushes of targets are wanted
 * too, our own among them.
 *
 * Throws for an event that cannot be read and for a queue that does not take it, so that the event comes again, and
 * is kept among the dead letters in the end.
 */
export function createReceive({ parse, ...options }: ReceiveOptions) {
  const take = createTakeEvents(options);
  return async (event: unknown): Promise<void> => await take(parse(event));
}

/** The same for events that are read already. Nothing but wake-ups of rules goes to the queue. */
export function createTakeEvents({ rules, queue, telemetry, namesOf = name => [name] }: TakeEventsOptions) {
  const known = new Set(rules.flatMap(({ repositories }) => repositories.map(({ registry }) => registry)));
  const ignore = (reason: string, push?: Push) => {
    telemetry.measure('PushIgnored');
    telemetry.log('debug', 'ignored', { reason, ...(push && about(push)) });
  };

  return async ({ pushes, ignored }: ParsedEvents): Promise<void> => {
    for (const { reason } of ignored) ignore(reason);
    for (const push of pushes) {
      telemetry.measure('PushReceived');
      const names = namesOf(push.registry).filter(name => known.has(name));
      const wakeUps = names.flatMap(registry => wakeUpsOf({ ...push, registry }, rules));
      if (wakeUps.length > 0) await enqueue(queue, wakeUps, rules);
      else if (names.length === 0) ignore('unknown registry', push);
      else ignore(push.tag === undefined ? 'it has no tag' : 'no rule wants it', push);
    }
  };
}

function about({ registry, repository, tag, action, id }: Push) {
  return { registry, repository, ...(tag !== undefined && { tag }), action, cause: { id, source: 'event' } };
}
