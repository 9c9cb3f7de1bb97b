import type { Config } from '../lib/rules/load.ts';

/** A reference that the first rule would make, as people name it: `prod/team/app:VERSION`. Undefined without a rule. */
export function exampleOf({ registries, rules }: Pick<Config, 'registries' | 'rules'>): string | undefined {
  const [rule] = rules;
  if (rule === undefined) return undefined;
  const repository = rule.repositories.find(({ exclude }) => !exclude);
  const name = registries.find(({ host }) => host === repository?.registry)?.name ?? repository?.registry;
  const path = repository?.pattern.replaceAll('*', 'app');
  const tag = rule.targets[0]?.parts
    .map(part => (part.kind === 'literal' ? part.text : part.name.toUpperCase()))
    .join('');
  return `${name}/${path}:${tag}`;
}
