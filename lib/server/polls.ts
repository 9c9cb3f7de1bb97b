import { isArchweaveError } from '../errors.ts';
import type { Push } from '../events/push.ts';
import type { Rule } from '../rules/rule.ts';
import { type EverlastingOptions, everlasting } from './everlasting.ts';
import { type PolledRegistry, pollRegistry } from './poll.ts';
import { PollMemory } from './poll-memory.ts';
import type { ServedRegistry } from './served-registries.ts';

export interface PollsOptions extends EverlastingOptions {
  readonly registries: readonly Pick<ServedRegistry, 'host' | 'registry' | 'poll'>[];
  readonly rules: readonly Rule[];
  readonly take: (pushes: readonly Push[]) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Polls each registry that is to be polled and lists its tags by their time, again and again. What cannot be read is
 * told by the sweep, which asks for the same and more; a registry that asks to slow down is left alone for so long.
 */
export function startPolls({ registries, rules, take, now, ...loop }: PollsOptions): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const { signal } = stopping;
  const store = new PollMemory();
  const loops = registries.flatMap(({ host, registry, poll }) => {
    if (poll === undefined || !isPolled(registry)) return [];
    const options = { registry: host, reader: registry, rules, store, take, now };
    const look = async () => {
      const failures = await pollRegistry(options, signal).then(
        result => result.failures,
        () => [],
      );
      return Math.max(poll, ...failures.map(({ error }) => pauseWanted(error)));
    };
    return [everlasting(look, loop)];
  });
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops.map(one => one.stop()));
    },
  };
}

function isPolled<T extends object>(registry: T): registry is T & PolledRegistry {
  return 'newestTags' in registry;
}

/** Milliseconds. */
function pauseWanted(error: unknown): number {
  return isArchweaveError(error) ? (error.retryAfter ?? 0) * 1_000 : 0;
}
