import { builtInRule } from '../rules/built-in.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Invocation } from './command.ts';
import { CALLERS_OWN } from './open-registry.ts';

export interface RulesInForce {
  /** Those for the repository. */
  readonly rules: readonly Rule[];
  /** All of the registry: what a repository without a rule may have been meant to have. */
  readonly ofRegistry: readonly Rule[];
}

/**
 * The rules of archweave.yaml where that knows the registry, else the built-in one. `own` is the host that stands for
 * `ecr`, where that is known.
 */
export async function readRules(
  invocation: Invocation,
  host: string,
  repository: string,
  own: string = CALLERS_OWN,
): Promise<RulesInForce> {
  const { readConfig } = await import('./read-config.ts');
  const config = (await readConfig(invocation))?.config;
  const here = (name: string) => (name === CALLERS_OWN ? own : name);
  const known = config?.registries.some(registry => here(registry.host) === host) === true;
  const all = known ? config.rules.map(rule => renamed(rule, here)) : [builtInRule(host)];
  const ofRegistry = all.filter(rule => rule.repositories.some(({ registry }) => registry === host));
  return { rules: rulesFor(all, host, repository), ofRegistry };
}

/** The rule for registries as `here` calls them. */
export function renamed(rule: Rule, here: (registry: string) => string): Rule {
  const repositories = rule.repositories.map(one => ({ ...one, registry: here(one.registry) }));
  return { ...rule, repositories };
}
