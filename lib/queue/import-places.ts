import { ArchweaveError } from '../errors.ts';
import type { ImportFacts } from '../import/import-event.ts';
import type { ImportTask } from '../messages/import-message.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { type TagPlace, targetOfImport } from '../rules/import-scope.ts';
import type { Rule } from '../rules/rule.ts';

/** What archweave.yaml says of the tag that an execution copies. */
export interface ImportPlaces {
  readonly rule: ImportRule;
  readonly source: TagPlace;
  readonly target: TagPlace;
}

/** Throws `bad-config` for a task that names no tag, or one that archweave.yaml does not copy. */
export function importPlaces(
  { name, repository, tag }: ImportTask,
  imports: readonly ImportRule[],
  rules: readonly Rule[],
): ImportPlaces {
  if (repository === undefined || tag === undefined)
    throw refused(`import ${name}`, 'an execution copies one tag, and this one says none');
  const rule = imports.find(one => one.name === name);
  const source = rule && { registry: rule.from.registry, repository, tag };
  const target = source && targetOfImport(rule, rules, source);
  if (target === undefined)
    throw refused(`import ${repository}:${tag}`, `archweave.yaml has no import "${name}" that copies it`);
  return { rule: rule!, source: source!, target };
}

/** What an event says of it. Milliseconds: since 1970, and how long it took. */
export function importFacts(
  { rule: { name }, source, target }: ImportPlaces,
  times: Pick<ImportFacts, 'now' | 'ms'>,
): ImportFacts {
  return { name, source, target, ...times };
}

export function refused(attempt: string, reason: string): ArchweaveError {
  return new ArchweaveError({ code: 'bad-config', attempt, reason });
}
