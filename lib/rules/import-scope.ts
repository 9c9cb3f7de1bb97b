import { isRepositoryName, isTag } from '../image/names.ts';
import { matchesGlob } from './glob.ts';
import { rulesFor, targetOf } from './group.ts';
import type { ImportRule } from './import-rule.ts';
import { matchTemplate } from './match-template.ts';
import type { Rule } from './rule.ts';

/** A tag of a repository. */
export interface TagPlace {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/** What `{repository}` in an import's `to` stands for. */
export const REPOSITORY = '{repository}';

/** The imports that copy from a repository, in the file's order. */
export function importsFrom(
  imports: readonly ImportRule[],
  registry: string,
  repository: string,
): readonly ImportRule[] {
  return imports.filter(({ from }) => from.registry === registry && matchesGlob(from.pattern, repository));
}

/** Where a repository is copied to. */
export function targetRepository({ to }: Pick<ImportRule, 'to'>, repository: string): string {
  return to.repository.replaceAll(REPOSITORY, repository);
}

/**
 * Whether the import copies this tag of a repository that it is for.
 *
 * A tag that reads as one that `split` makes is left to it. Where an index rule is for the repository, an import on
 * `published` copies what that rule publishes, not the members.
 */
export function copiesTag(
  { tags, split, when, from }: ImportRule,
  rules: readonly Rule[],
  repository: string,
  tag: string,
): boolean {
  if (!isTag(tag) || !tags.some(glob => matchesGlob(glob, tag))) return false;
  if (split !== undefined && matchTemplate(split, tag) !== undefined) return false;
  if (when.on !== 'published') return true;
  const publishing = rulesFor(rules, from.registry, repository);
  return publishing.length === 0 || publishing.some(rule => targetOf(rule, tag).length > 0);
}

/** Where the import copies this tag to, or undefined where it leaves it alone. */
export function targetOfImport(
  rule: ImportRule,
  rules: readonly Rule[],
  { registry, repository, tag }: TagPlace,
): TagPlace | undefined {
  if (importsFrom([rule], registry, repository).length === 0) return undefined;
  if (!copiesTag(rule, rules, repository, tag)) return undefined;
  const target = targetRepository(rule, repository);
  return isRepositoryName(target) ? { registry: rule.to.registry, repository: target, tag } : undefined;
}

/** Where the import copies this tag from, or undefined where it does not write it. */
export function sourceOfImport(
  rule: ImportRule,
  rules: readonly Rule[],
  { registry, repository, tag }: TagPlace,
): TagPlace | undefined {
  if (registry !== rule.to.registry) return undefined;
  const source = repositoryAtSource(rule, repository);
  if (source === undefined) return undefined;
  const place = { registry: rule.from.registry, repository: source, tag };
  return targetOfImport(rule, rules, place) === undefined ? undefined : place;
}

function repositoryAtSource({ from, to }: ImportRule, target: string): string | undefined {
  const [before = '', ...rest] = to.repository.split(REPOSITORY);
  if (rest.length === 0) return target === to.repository ? from.pattern : undefined;
  const literal = to.repository.length - REPOSITORY.length * rest.length;
  const length = (target.length - literal) / rest.length;
  if (length < 1) return undefined;
  // A length that is no whole number ends in a text of another length.
  const source = target.slice(before.length, before.length + length);
  return to.repository.replaceAll(REPOSITORY, source) === target ? source : undefined;
}
