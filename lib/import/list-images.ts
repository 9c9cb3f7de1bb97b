import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { CallOptions, RepositoryLister, TagLister } from '../registry/interfaces.ts';
import { matchesGlob } from '../rules/glob.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { type TagPlace, targetOfImport } from '../rules/import-scope.ts';
import type { Rule } from '../rules/rule.ts';

/** A tag that an import copies, and where to. */
export interface ImportedTag {
  readonly source: TagPlace;
  readonly target: TagPlace;
}

/** Every tag that an import copies now. A repository that is gone has none. */
export async function listImages(
  rule: ImportRule,
  rules: readonly Rule[],
  source: TagLister & Partial<RepositoryLister>,
  options: CallOptions = {},
): Promise<readonly ImportedTag[]> {
  const { registry } = rule.from;
  const found: ImportedTag[] = [];
  for (const repository of await repositoriesOf(rule, source, options)) {
    for (const tag of await tagsOf(source, repository, options)) {
      const place = { registry, repository, tag };
      const target = targetOfImport(rule, rules, place);
      if (target !== undefined) found.push({ source: place, target });
    }
  }
  return found;
}

async function repositoriesOf(
  { name, from: { registry, pattern } }: ImportRule,
  source: Partial<RepositoryLister>,
  options: CallOptions,
): Promise<readonly string[]> {
  if (!pattern.includes('*')) return [pattern];
  const found: string[] = [];
  try {
    if (source.listRepositories === undefined) throw new ArchweaveError({ code: 'unsupported', attempt: '' });
    for await (const page of source.listRepositories(options)) {
      found.push(...page.filter(repository => matchesGlob(pattern, repository)));
    }
  } catch (error) {
    if (!isArchweaveError(error) || !NO_CATALOGUE.has(error.code)) throw error;
    throw new ArchweaveError({
      code: error.code,
      attempt: `list the repositories of ${registry}`,
      reason: error.attempt === '' ? 'it has no list of them' : error.reason,
      ...(error.where !== undefined && { where: error.where }),
      side: 'source',
      reference: registry,
      next: `name them: "from" of the import "${name}" without *`,
      cause: error,
    });
  }
  return found.toSorted();
}

/** What registries answer that do not show their catalogue to everybody. */
const NO_CATALOGUE: ReadonlySet<string> = new Set(['unsupported', 'not-found', 'unauthorized', 'forbidden']);

async function tagsOf(
  source: TagLister,
  repository: string,
  options: CallOptions,
): Promise<readonly string[]> {
  const tags: string[] = [];
  try {
    for await (const page of source.listTags(repository, options)) tags.push(...page.map(({ tag }) => tag));
  } catch (error) {
    const isGone = isArchweaveError(error) && ['no-repository', 'not-found'].includes(error.code);
    if (!isGone) throw error;
  }
  return tags;
}
