import { type EcrHost, ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import type { Config } from '../lib/rules/load.ts';
import type { Rule } from '../lib/rules/rule.ts';

/** Where a stack goes; what is known only when it is deployed is left out. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

export interface ServedRules {
  /** The rules for registries of this account and Region, with those repositories only. */
  readonly rules: readonly Rule[];
  /** Names of registries of this account and Region that no rule and no import is for. */
  readonly idle: readonly string[];
  /** Names of the registries that other deployments, or `serve`, are for. */
  readonly elsewhere: readonly string[];
}

/** What archweave.yaml calls the registry of the account and Region that a stack is deployed to. */
const OWN = 'ecr';

/**
 * What one stack does of a configuration that all stacks share. A stack that does not know its account or Region
 * takes every ECR registry that could be its own.
 */
export function servedRules(
  config: Pick<Config, 'registries' | 'rules' | 'imports'>,
  place: Place,
): ServedRules {
  const here = (host: string) => host === OWN || isAt(ecrHost(host), place);
  const rules = config.rules.flatMap(rule => {
    const repositories = rule.repositories.filter(({ registry }) => here(registry));
    return repositories.some(({ exclude }) => !exclude) ? [{ ...rule, repositories }] : [];
  });
  const used = new Set([
    ...rules.flatMap(rule => rule.repositories.map(({ registry }) => registry)),
    ...config.imports.flatMap(({ from, to }) => [from.registry, to.registry]),
  ]);
  const names = (which: (host: string) => boolean) =>
    config.registries.filter(({ host }) => which(host)).map(({ name }) => name);
  return {
    rules,
    idle: names(host => here(host) && !used.has(host)),
    elsewhere: names(host => !here(host)),
  };
}

/** Accounts and Regions of the served rules that a stack could be; more than one, and it has to be told which. */
export function placesOf(rules: readonly Rule[]): readonly Place[] {
  const found = rules
    .flatMap(({ repositories }) => repositories.map(({ registry }) => ecrHost(registry)))
    .filter(host => host !== undefined);
  return [
    ...new Map(found.map(({ account, region }) => [`${account}/${region}`, { account, region }])).values(),
  ];
}

function isAt(host: EcrHost | undefined, { account, region }: Place): boolean {
  if (host === undefined) return false;
  return (account ?? host.account) === host.account && (region ?? host.region) === host.region;
}
