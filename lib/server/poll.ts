import type { Push } from '../events/push.ts';
import { type Comparison, compareNewest, type TagWindow, WINDOW } from '../events/recent-pushes.ts';
import type { PollStore } from '../ledger/polls.ts';
import type { RecentTagLister, RepositoryLister } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import { findRepositories } from './find-repositories.ts';

export type PolledRegistry = RecentTagLister & Partial<RepositoryLister>;

export interface PollOptions {
  /** The registry's host, as rules name it. */
  readonly registry: string;
  readonly reader: PolledRegistry;
  readonly rules: readonly Rule[];
  readonly store: PollStore;
  /** Takes what is new in one repository, newest first. What it rejects is found again at the next look. */
  readonly take: (pushes: readonly Push[]) => void | Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly concurrency?: number;
}

export interface PollResult {
  readonly repositories: number;
  readonly pushes: number;
  /** What could not be looked at; without a repository where they could not be listed. */
  readonly failures: readonly { readonly repository?: string; readonly error: unknown }[];
}

/** How many tags are asked for: more only where all that were listed are new. What is beyond is a sweep's. */
const LIMITS: readonly number[] = [WINDOW, 2 * WINDOW];

/**
 * Looks once at the newest tags of each repository that a rule is for, with one request each, and hands on what is
 * new as if the registry had announced it. Needs no way in from outside.
 *
 * Never rejects but for the signal and the store: a repository that cannot be read does not keep others waiting.
 */
export async function pollRegistry(options: PollOptions, signal?: AbortSignal): Promise<PollResult> {
  const { registry, rules, store, take, now, concurrency = 8 } = options;
  const time = new Date(now()).toISOString();
  const since = await store.polledSince(registry, namesFor(rules, registry), time);
  const windows = await store.windows(registry);
  const failures: { repository?: string; error: unknown }[] = [];
  const memo = { repositories: () => [...windows.keys()] };
  const found = await findRepositories({ ...options, memo }, signal).catch((error: unknown) => {
    failures.push({ error });
    return [];
  });
  const counts = { repositories: 0, pushes: 0 };
  const queue = found.values();
  const worker = async () => {
    for (const repository of queue) {
      signal?.throwIfAborted();
      try {
        const before = windows.get(repository);
        const { changes, window } = await look(options, repository, before, since, signal);
        const pushes = changes.map(change => ({
          registry,
          repository,
          ...change,
          time: change.pushedAt ?? time,
          // When it was seen is part of it: a tag may come back to what it held.
          id: `poll:${repository}:${change.tag}@${time}`,
        }));
        await take(pushes.map(({ pushedAt: _, ...push }) => push));
        if (!isSame(before, window)) await store.setWindow(registry, repository, window);
        counts.repositories += 1;
        counts.pushes += pushes.length;
      } catch (error) {
        failures.push({ repository, error });
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  signal?.throwIfAborted();
  return { ...counts, failures };
}

async function look(
  { reader }: PollOptions,
  repository: string,
  before: TagWindow | undefined,
  since: string,
  signal: AbortSignal | undefined,
): Promise<Comparison> {
  let seen: Comparison | undefined;
  for (const limit of LIMITS) {
    const newest = await reader.newestTags(repository, limit, signal === undefined ? {} : { signal });
    seen = compareNewest(before, newest, { limit, since });
    if (!seen.more) break;
  }
  return seen!;
}

function isSame(before: TagWindow | undefined, window: TagWindow): boolean {
  return JSON.stringify(before) === JSON.stringify(window);
}

function namesFor(rules: readonly Rule[], host: string): readonly string[] {
  return rules
    .filter(({ repositories }) => repositories.some(({ registry }) => registry === host))
    .map(({ name }) => name);
}
