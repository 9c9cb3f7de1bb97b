import { type Cause, verifyWakeUps, type WakeUp } from '../assembly/wake-up.ts';
import type { Push } from '../events/push.ts';
import type { ManifestReader, RepositoryLister, TagLister } from '../registry/interfaces.ts';
import { readTags } from '../registry/read-tags.ts';
import { concerns, targetsConcerned } from '../rules/concern.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { findRepositories } from './find-repositories.ts';
import { TagMemo } from './tag-memo.ts';

export type SweptRegistry = TagLister & Pick<ManifestReader, 'resolveReferences'> & Partial<RepositoryLister>;

export interface SweepOptions {
  /** The registry's host, as rules name it. */
  readonly registry: string;
  readonly reader: SweptRegistry;
  readonly rules: readonly Rule[];
  readonly wake: (wakeUp: WakeUp) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Repositories that are known although the registry does not list them, from the ledger for instance. */
  readonly known?: () => Promise<readonly string[]>;
  /** Targets of a repository that wait or are held: looked at again now and then, though no tag has changed. */
  readonly troubled?: (repository: string) => Promise<readonly string[]>;
  readonly memo?: TagMemo;
  /** How many repositories are looked at side by side. */
  readonly concurrency?: number;
}

export interface SweepResult {
  readonly repositories: number;
  /** Tags that a rule cares for. */
  readonly tags: number;
  readonly wakeUps: number;
  /** What could not be looked at; without a repository where they could not be listed. */
  readonly failures: readonly { readonly repository?: string; readonly error: unknown }[];
}

export interface Sweep {
  /** One walk. `first` says that archweave has never seen this registry before. Never rejects but for the signal. */
  run(options: { readonly first: boolean; readonly signal?: AbortSignal }): Promise<SweepResult>;
  /** An event of this registry for which wake-ups were made: the next sweep need not make them again. */
  note(push: Push): void;
  /** Wake-ups for this repository came to nothing: the next sweep makes them again. */
  forget(repository: string): void;
}

/**
 * How often, in milliseconds, targets in trouble are looked at although nothing seems to have changed, and how often
 * all are: what a pass believed may have been stale, and what holds a target may have gone without a push.
 */
const TROUBLED_EVERY = 3_600_000;
const ALL_EVERY = 24 * TROUBLED_EVERY;
/** How many pushes that came before the first walk are remembered. */
const HEARD = 100_000;

/**
 * Looks for what no event told: walks the registry's tags, compares what they hold with the last sweep, and makes a
 * wake-up for each target that may be concerned by a change, by a new tag or by one that is gone.
 *
 * Reads no manifest. A repository that cannot be read is left for the next sweep and does not keep others waiting.
 */
export function createSweep(options: SweepOptions): Sweep {
  const { memo = new TagMemo(), concurrency = 4, now } = options;
  let looked = { all: now(), troubled: now() };
  const heard = new Set<string>();

  return {
    async run({ first, signal }) {
      const all = now() - looked.all >= ALL_EVERY;
      const troubled = now() - looked.troubled >= TROUBLED_EVERY;
      looked = { all: all ? now() : looked.all, troubled: troubled ? now() : looked.troubled };
      if (all) for (const repository of memo.repositories()) memo.forget(repository);
      const failures: { repository?: string; error: unknown }[] = [];
      const counts = { repositories: 0, tags: 0, wakeUps: 0 };
      const found = await findRepositories({ ...options, memo }, signal).catch((error: unknown) => {
        failures.push({ error });
        return [];
      });
      const queue = found.values();
      const worker = async () => {
        for (const repository of queue) {
          signal?.throwIfAborted();
          try {
            const swept = await sweepRepository(
              options,
              memo,
              repository,
              { first, troubled, heard },
              signal,
            );
            counts.repositories += 1;
            counts.tags += swept.tags;
            counts.wakeUps += swept.wakeUps;
          } catch (error) {
            failures.push({ repository, error });
          }
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      signal?.throwIfAborted();
      return { ...counts, failures };
    },
    note({ repository, tag, digest, action }) {
      if (tag === undefined) return;
      memo.note(repository, tag, action === 'push' ? digest : undefined);
      if (memo.tags(repository) === undefined && heard.size < HEARD) heard.add(`${repository}:${tag}`);
    },
    forget: repository => memo.forget(repository),
  };
}

async function sweepRepository(
  { registry, reader, rules, wake, now, troubled }: SweepOptions,
  memo: TagMemo,
  repository: string,
  walk: { readonly first: boolean; readonly troubled: boolean; readonly heard: ReadonlySet<string> },
  signal: AbortSignal | undefined,
): Promise<{ readonly tags: number; readonly wakeUps: number }> {
  const concerned = rulesFor(rules, registry, repository);
  const before = memo.tags(repository);
  const matters = (tag: string) => concerned.some(rule => concerns(rule, tag));
  const held = await readTags(reader, repository, matters, signal);
  const after = new Map([...held].map(([tag, { digest }]) => [tag, digest]));
  const changed = [
    ...[...after].filter(([tag, digest]) => before?.get(tag) !== digest).map(([tag]) => tag),
    ...[...(before?.keys() ?? [])].filter(tag => !after.has(tag)),
  ];
  const time = new Date(now()).toISOString();
  // What was pushed since archweave is here was not there before it, though this is the first walk.
  const isNew = (tag: string) => walk.heard.has(`${repository}:${tag}`);
  const again = walk.troubled && troubled !== undefined ? await troubled(repository) : [];
  let wakeUps = 0;
  for (const rule of concerned) {
    const fresh = new Set(changed.filter(isNew).flatMap(tag => targetsConcerned(rule, tag)));
    for (const target of new Set([...changed, ...again].flatMap(tag => targetsConcerned(rule, tag)))) {
      const first = walk.first && before === undefined && !fresh.has(target);
      const source: Cause['source'] = first ? 'first-sweep' : 'sweep';
      const cause: Cause = { source, id: `${source}:${registry}/${repository}@${time}`, time };
      for (const wakeUp of verifyWakeUps(rule, registry, repository, target, cause)) {
        wake(wakeUp);
        wakeUps += 1;
      }
    }
  }
  memo.replace(repository, after);
  return { tags: after.size, wakeUps };
}
