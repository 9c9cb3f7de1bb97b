import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import type { GatheredRegistry } from '../registry/gather-reads.ts';
import type { RepositoryLister } from '../registry/interfaces.ts';
import { findRepositories } from '../server/find-repositories.ts';
import { type PlanSubject, planRepository, type RepositoryPlan } from './plan-repository.ts';

export interface RegistryPlan {
  readonly host: string;
  /** In the order of their names. */
  readonly repositories: readonly RepositoryPlan[];
  /** What could not be read; without a repository where they could not be listed. */
  readonly failures: readonly { readonly repository?: string; readonly error: ArchweaveError }[];
}

/** Repositories that are read side by side. */
const AT_ONCE = 4;

/**
 * What would be done in the given repositories of a registry, by default in all that a rule is for. What cannot be
 * read does not keep the others waiting. `onRepositories` hears how many there are before they are read.
 */
export async function planRegistry(
  subject: PlanSubject & { readonly registry: GatheredRegistry & Partial<RepositoryLister> },
  given: readonly string[] | undefined,
  onRepositories: (count: number) => void = () => {},
): Promise<RegistryPlan> {
  const { host, registry: reader, rules, signal } = subject;
  const failures: { repository?: string; error: ArchweaveError }[] = [];
  let names = given;
  try {
    names ??= await findRepositories(
      { registry: host, reader, rules, memo: { repositories: () => [] } },
      signal,
    );
  } catch (error) {
    return { host, repositories: [], failures: [{ error: known(error) }] };
  }
  onRepositories(names.length);
  const repositories: RepositoryPlan[] = [];
  const queue = names.values();
  const work = async () => {
    for (const repository of queue) {
      try {
        repositories.push(await planRepository(subject, repository));
      } catch (error) {
        failures.push({ repository, error: known(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const byName = (a: { repository?: string }, b: { repository?: string }) =>
    (a.repository ?? '') < (b.repository ?? '') ? -1 : 1;
  return { host, repositories: repositories.toSorted(byName), failures: failures.toSorted(byName) };
}

function known(error: unknown): ArchweaveError {
  if (isArchweaveError(error)) return error;
  throw error;
}
