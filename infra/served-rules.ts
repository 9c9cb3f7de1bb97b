import { type EcrHost, ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import type { ImportRule } from '../lib/rules/import-rule.ts';
import type { Config } from '../lib/rules/load.ts';
import { registryKind } from '../lib/rules/registry-identity.ts';
import type { Rule } from '../lib/rules/rule.ts';

/** Where a stack goes; what is known only when it is deployed is left out. */
export interface Place {
  readonly account?: string;
  readonly region?: string;
}

export interface ServedRules {
  /** The rules for registries of this account and Region, and for those in Azure, with those repositories only. */
  readonly rules: readonly Rule[];
  /** The imports from a registry of this account and Region, and those to one from where no stack is. */
  readonly imports: readonly ImportRule[];
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
  const inAzure = new Set(config.registries.filter(one => isOurs(one, place)).map(({ host }) => host));
  const here = (host: string) => host === OWN || isAt(ecrHost(host), place) || inAzure.has(host);
  const rules = config.rules.flatMap(rule => {
    const repositories = rule.repositories.filter(({ registry }) => here(registry));
    return repositories.some(({ exclude }) => !exclude) ? [{ ...rule, repositories }] : [];
  });
  const imports = config.imports.filter(({ from, to }) => {
    // Where both ends are ECR, the one that tells of its pushes does it.
    const inEcr = [from, to].find(({ registry }) => registryKind(registry) === 'ecr');
    return inEcr ? here(inEcr.registry) : here(from.registry) || here(to.registry);
  });
  const reached = new Set(imports.flatMap(({ from, to }) => [from.registry, to.registry]));
  const used = new Set([
    ...rules.flatMap(rule => rule.repositories.map(({ registry }) => registry)),
    ...config.imports.flatMap(({ from, to }) => [from.registry, to.registry]),
  ]);
  const names = (which: (host: string) => boolean) =>
    config.registries.filter(({ host }) => which(host)).map(({ name }) => name);
  return {
    rules,
    imports,
    idle: names(host => here(host) && !used.has(host)),
    elsewhere: names(host => !here(host) && !reached.has(host)),
  };
}

/** The rules with their repositories in ECR only, or in Azure only; those that have none there are left out. */
export function rulesIn(where: 'ECR' | 'Azure', rules: readonly Rule[]): readonly Rule[] {
  return rules.flatMap(rule => {
    const repositories = rule.repositories.filter(
      ({ registry }) => isAcrHost(registry) === (where === 'Azure'),
    );
    return repositories.some(({ exclude }) => !exclude) ? [{ ...rule, repositories }] : [];
  });
}

/** Whether a stack is for a registry in Azure: it knows as whom to go there, and no other stack is named. */
function isOurs(registry: Config['registries'][number], place: Place): boolean {
  const { host, tenant, clientId, account, region } = registry;
  if (!isAcrHost(host) || tenant === undefined || clientId === undefined) return false;
  return (
    (account ?? place.account) === (place.account ?? account) &&
    (region ?? place.region) === (place.region ?? region)
  );
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
