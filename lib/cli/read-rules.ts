import { builtInRule } from '../rules/built-in.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Invocation } from './command.ts';

export interface RulesInForce {
  /** Those for the repository. */
  readonly rules: readonly Rule[];
  /** All of the registry: what a repository without a rule may have been meant to have. */
  readonly ofRegistry: readonly Rule[];
}

/** The rules of archweave.yaml where that knows the registry, else the built-in one. */
export async function readRules(
  invocation: Invocation,
  host: string,
  repository: string,
): Promise<RulesInForce> {
  const { readConfig } = await import('./read-config.ts');
  const config = (await readConfig(invocation))?.config;
  const known = config?.registries.some(registry => registry.host === host) === true;
  const all = known ? config.rules : [builtInRule(host)];
  const ofRegistry = all.filter(rule => rule.repositories.some(({ registry }) => registry === host));
  return { rules: rulesFor(all, host, repository), ofRegistry };
}
