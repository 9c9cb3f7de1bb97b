import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { RepositoryLister } from '../registry/interfaces.ts';
import { rulesFor } from '../rules/group.ts';
import type { SweepOptions } from './sweep.ts';
import type { TagMemo } from './tag-memo.ts';

/** Answers of registries that have no catalogue, or do not show it to everybody. */
const NO_CATALOGUE: ReadonlySet<string> = new Set([
  'unsupported',
  'not-found',
  'no-repository',
  'unauthorized',
  'forbidden',
  'not-a-registry',
]);

/**
 * The repositories of a registry that some rule is for: those that it lists, those that rules name without a `*`,
 * and those of earlier sweeps. Where the registry lists none, those that are known otherwise take their place; where
 * nothing is known either, its refusal is thrown.
 */
export async function findRepositories(
  {
    registry,
    reader,
    rules,
    known,
    memo,
  }: Pick<SweepOptions, 'registry' | 'rules' | 'known'> & {
    readonly reader: Partial<RepositoryLister>;
    readonly memo: Pick<TagMemo, 'repositories'>;
  },
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const found = new Set<string>([...namedByRules(rules, registry), ...memo.repositories()]);
  try {
    for await (const page of catalogue(reader, signal)) for (const repository of page) found.add(repository);
  } catch (error) {
    if (!isArchweaveError(error) || !NO_CATALOGUE.has(error.code)) throw error;
    for (const repository of (await known?.()) ?? []) found.add(repository);
    if (found.size === 0) throw error;
  }
  return [...found].filter(repository => rulesFor(rules, registry, repository).length > 0).toSorted();
}

function catalogue(reader: Partial<RepositoryLister>, signal: AbortSignal | undefined) {
  if (reader.listRepositories !== undefined)
    return reader.listRepositories(signal === undefined ? {} : { signal });
  throw new ArchweaveError({ code: 'unsupported', attempt: 'list repositories' });
}

function namedByRules(rules: SweepOptions['rules'], registry: string): readonly string[] {
  return rules
    .flatMap(({ repositories }) => repositories)
    .filter(({ registry: host, pattern, exclude }) => host === registry && !exclude && !pattern.includes('*'))
    .map(({ pattern }) => pattern);
}
