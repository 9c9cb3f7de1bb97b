import { isArchweaveError } from '../errors.ts';
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
 * and those that were known before. Where the registry does not list any, the others are what there is.
 */
export async function findRepositories(
  { registry, reader, rules, known, memo }: SweepOptions & { readonly memo: TagMemo },
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const found = new Set<string>([...namedByRules(rules, registry), ...memo.repositories()]);
  for (const repository of (await known?.()) ?? []) found.add(repository);
  try {
    const pages = reader.listRepositories?.(signal === undefined ? {} : { signal }) ?? [];
    for await (const page of pages) for (const repository of page) found.add(repository);
  } catch (error) {
    if (found.size === 0 || !isArchweaveError(error) || !NO_CATALOGUE.has(error.code)) throw error;
  }
  return [...found].filter(repository => rulesFor(rules, registry, repository).length > 0).toSorted();
}

function namedByRules(rules: SweepOptions['rules'], registry: string): readonly string[] {
  return rules
    .flatMap(({ repositories }) => repositories)
    .filter(({ registry: host, pattern, exclude }) => host === registry && !exclude && !pattern.includes('*'))
    .map(({ pattern }) => pattern);
}
