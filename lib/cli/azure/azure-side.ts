import { ArchweaveError } from '../../errors.ts';
import { isAcrHost } from '../../rules/acr-host.ts';
import { acrImportSources } from '../../rules/acr-import-sources.ts';
import { targetRepository } from '../../rules/import-scope.ts';
import type { Config, RegistryConfig } from '../../rules/load.ts';

/** A built-in role of Azure. */
export interface AzureRole {
  readonly name: string;
  /** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/containers */
  readonly id: string;
  /** Whether it may be given for some repositories only. */
  readonly conditional: boolean;
}

/** An identity that archweave is in Azure, with the roles of AWS that may be it. */
export interface AzureIdentitySide {
  /** Ends its name. */
  readonly part: 'write' | 'read';
  readonly roles: readonly AzureRole[];
  /** By the names of their functions; none where it runs in Azure. */
  readonly awsRoles: readonly { readonly name: string; readonly arn: string }[];
}

/** What has to exist in Azure for one registry, as data. */
export interface AzureSide {
  readonly setting: RegistryConfig;
  /** The registry's resource. */
  readonly resource: string;
  readonly identities: readonly AzureIdentitySide[];
  readonly issuer?: string | undefined;
  /** Repositories for conditions: names, and beginnings that end with `/`. Left out: all of them. */
  readonly only?: readonly { readonly kind: 'name' | 'beginning'; readonly text: string }[];
  /** Where its events go, whole. */
  readonly hook?: string | undefined;
}

const role = (name: string, id: string, conditional = false): AzureRole => ({ name, id, conditional });
const PULL = role('AcrPull', '7f951dda-4ed3-4680-a7ca-43fe172d538d');
const PUSH = role('AcrPush', '8311e382-0749-4cb8-b61a-304f252e45ec');
const READER = role('Container Registry Repository Reader', 'b93aa761-3e63-49ed-ac28-beffa264f7ac', true);
const WRITER = role('Container Registry Repository Writer', '2a1e307c-b015-4ebd-883e-5b7698a07328', true);
const IMPORTER = role(
  'Container Registry Data Importer and Data Reader',
  '577a9874-89fd-4f24-9dbd-b5034d0ad23a',
);
const LISTER = role('Container Registry Repository Catalog Lister', 'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7');

export interface AzureQuestion {
  readonly registry?: string | undefined;
  readonly issuer?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly name: string;
  readonly serve: boolean;
  readonly abac: boolean;
  readonly hooks?: string | undefined;
}

/** Works out what one registry of archweave.yaml needs in Azure. Throws `bad-argument` with what is missing. */
export function azureSide(config: Config, question: AzureQuestion): AzureSide {
  const setting = registryOf(config, question.registry);
  const { serve, abac, issuer, hooks } = question;
  const roles = serve ? undefined : awsRoles(setting, question);
  const writes = abac ? [WRITER] : [PUSH];
  const reads = abac ? [READER, LISTER] : [PULL];
  const polled = (setting.events ?? 'poll') === 'poll';
  const importedFrom = config.imports.some(({ from }) => from.registry === setting.host);
  const imported = importedFrom || config.imports.some(({ to }) => to.registry === setting.host);
  const importer = fetchesItself(config, setting) ? [IMPORTER] : [];
  const only = abac ? repositoriesOf(config, setting.host) : undefined;
  return {
    setting,
    resource: setting.host.split('.')[0]!.replace(/-.*$/, ''),
    identities:
      roles === undefined
        ? // One process does everything.
          [{ part: 'write', roles: [...writes, ...(abac ? [LISTER] : []), ...importer], awsRoles: [] }]
        : [
            {
              part: 'write',
              roles: [...writes, ...importer],
              awsRoles: [roles('assemble'), ...(imported ? [roles('copy')] : [])],
            },
            {
              part: 'read',
              roles: reads,
              awsRoles: [
                roles('sweep'),
                ...(polled ? [roles('poll')] : []),
                ...(importedFrom ? [roles('import-intake')] : []),
              ],
            },
          ],
    issuer,
    ...(only !== undefined && { only }),
    hook: hooks === undefined ? undefined : hookAt(hooks, setting.name),
  };
}

/** Whether an import into it is one that it runs by itself. */
function fetchesItself({ imports, registries }: Config, setting: RegistryConfig): boolean {
  const sources = acrImportSources(setting, registries);
  return imports.some(({ from, to }) => to.registry === setting.host && sources.has(from.registry));
}

function registryOf({ registries }: Config, name: string | undefined): RegistryConfig {
  const inAzure = registries.filter(({ host }) => isAcrHost(host));
  const found = name === undefined ? inAzure : inAzure.filter(one => one.name === name);
  if (found.length === 1) return found[0]!;
  const names = inAzure.map(one => one.name).join(', ');
  if (inAzure.length === 0)
    throw refused('archweave.yaml has no registry in Azure', 'contoso: { host: contoso.azurecr.io }');
  throw refused(`which registry of ${names}?`, `--registry ${inAzure[0]!.name}`);
}

/** With or without the path: the output of a deployment ends in `/hooks/NAME`, and people paste it. */
function hookAt(address: string, name: string): string {
  return `${address.replace(/\/+$/, '').replace(/\/hooks\/[^/]+$/, '')}/hooks/${name}`;
}

function awsRoles(setting: RegistryConfig, { account, region, name, issuer }: AzureQuestion) {
  const inAccount = account ?? setting.account;
  const inRegion = region ?? setting.region;
  if (inAccount === undefined || inRegion === undefined)
    throw refused(
      'which account and Region of AWS? Azure trusts roles by their names',
      '--account 123456789012 --region eu-west-1   (or --serve, for serve in Azure)',
    );
  if (!/^[0-9]{12}$/.test(inAccount)) throw refused(`--account "${inAccount}" has not 12 digits`);
  if (!/^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$/.test(inRegion))
    throw refused(`--region "${inRegion}" is no Region`);
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(name)) throw refused(`--name "${name}" is no name of a deployment`);
  if (issuer !== undefined && !/^https:\/\/[A-Za-z0-9.-]+$/.test(issuer))
    throw refused(
      `--issuer "${issuer}" is no https address`,
      'aws iam get-outbound-web-identity-federation-info',
    );
  const partition = inRegion.startsWith('cn-')
    ? 'aws-cn'
    : inRegion.startsWith('us-gov-')
      ? 'aws-us-gov'
      : 'aws';
  return (part: string) => ({
    name: part,
    arn: `arn:${partition}:iam::${inAccount}:role/${name}-${inRegion}-${part}`,
  });
}

/** What conditions can say of the repositories of rules and imports, no less than the rules mean; undefined where that is all. */
function repositoriesOf({ rules, imports }: Config, host: string): AzureSide['only'] {
  const patterns = [
    ...rules.flatMap(({ repositories }) => repositories.filter(({ exclude }) => !exclude)),
    ...imports.flatMap(rule => [
      rule.from,
      { registry: rule.to.registry, pattern: targetRepository(rule, rule.from.pattern) },
    ]),
  ]
    .filter(({ registry }) => registry === host)
    .map(({ pattern }) => pattern);
  const only = [...new Set(patterns)].toSorted().map(pattern => {
    if (!pattern.includes('*')) return { kind: 'name' as const, text: pattern };
    const beginning = /^[^*]*\//.exec(pattern)?.[0];
    return beginning === undefined ? undefined : { kind: 'beginning' as const, text: beginning };
  });
  return only.length === 0 || only.includes(undefined) ? undefined : only.flatMap(one => one ?? []);
}

/** The condition of a role's assignment in Azure's own language; undefined where it is for every repository. */
export function conditionOf({ only }: AzureSide, { name, conditional }: AzureRole): string | undefined {
  if (only === undefined || !conditional) return undefined;
  const base = 'Microsoft.ContainerRegistry/registries/repositories';
  const rights = name === WRITER.name ? ['read', 'write'] : ['read'];
  const actions = ['content', 'metadata'].flatMap(what => rights.map(right => `${base}/${what}/${right}`));
  const not = actions.map(action => `!(ActionMatches{'${action}'})`).join(' AND ');
  const are = only.map(({ kind, text }) => {
    const compare = kind === 'name' ? 'StringEqualsIgnoreCase' : 'StringStartsWithIgnoreCase';
    return `@Request[${base}:name] ${compare} '${text}'`;
  });
  return `((${not}) OR (${are.join(' OR ')}))`;
}

function refused(reason: string, next?: string): ArchweaveError {
  return new ArchweaveError({
    code: 'bad-argument',
    attempt: '',
    reason,
    ...(next === undefined ? {} : { next }),
  });
}
