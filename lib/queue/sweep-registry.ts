import { type SweepTask, sweepMessage } from '../messages/sweep-message.ts';
import type { ManifestReader, RepositoryLister, TagLister } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import { findRepositories } from '../server/find-repositories.ts';

export interface SweepRegistryOptions {
  readonly reader: TagLister & Pick<ManifestReader, 'resolveReferences'> & Partial<RepositoryLister>;
  readonly rules: readonly Rule[];
  /** Sends bodies to the queue of sweeps, at most ten at once. */
  readonly send: (bodies: readonly string[]) => Promise<void>;
  /** Whether there is time to go on. */
  readonly goesOn: () => boolean;
}

/** Makes a task of each repository that a rule is for. Answers how many, and where it stopped if time ran out. */
export async function sweepRegistry(
  { reader, rules, send, goesOn }: SweepRegistryOptions,
  { registry, after = '', began, first }: SweepTask,
): Promise<{ readonly repositories: number; readonly after?: string }> {
  const all = await findRepositories(
    { registry, reader, rules, memo: { repositories: () => [] } },
    undefined,
  );
  const left = all.filter(repository => repository > after);
  for (let start = 0; start < left.length; start += 10) {
    const batch = left.slice(start, start + 10);
    await send(batch.map(repository => sweepMessage({ registry, repository, began, first })));
    const last = batch.at(-1);
    if (!goesOn() && start + 10 < left.length && last !== undefined)
      return { repositories: start + batch.length, after: last };
  }
  return { repositories: left.length };
}
