import { createHash } from 'node:crypto';
import { ArchweaveError } from '../errors.ts';
import type { AcrSettings } from './acr-settings.ts';
import type { ImportRule } from './import-rule.ts';
import type { Rule } from './rule.ts';

export type BundledRegistry = AcrSettings & {
  readonly name: string;
  readonly host: string;
  /** `secretsmanager:ARN`. */
  readonly credentials?: string;
};

/** What a function needs of archweave.yaml: plain data, made when the stack is synthesised, read without a parser. */
export interface BundledConfig {
  /** Names it in logs and events: 12 hex digits. */
  readonly sha: string;
  readonly registries: readonly BundledRegistry[];
  readonly rules: readonly Rule[];
  readonly imports: readonly ImportRule[];
}

const VERSION = 1;
/** What archweave.yaml calls the registry of the account and Region that a stack is deployed to. */
const OWN = 'ecr';

/** The text of `config.json`, which lies next to the functions; the same for the same configuration. */
export function bundleConfig({
  registries,
  rules,
  imports = [],
}: Omit<BundledConfig, 'sha' | 'imports'> & Partial<Pick<BundledConfig, 'imports'>>): string {
  const needed = registries.map(neededOf);
  // A configuration without imports is what it was before there were any.
  const more = imports.length === 0 ? {} : { imports };
  const sha = createHash('sha256')
    .update(JSON.stringify([needed, rules, ...Object.values(more)]))
    .digest('hex')
    .slice(0, 12);
  return JSON.stringify({ version: VERSION, sha, registries: needed, rules, ...more });
}

/** Reads it; `own` is the host that stands for `ecr`. Throws `bad-config`. */
export function readBundledConfig(text: string, own: string): BundledConfig {
  const { version, sha, registries, rules, imports = [] } = parse(text);
  const lists = [registries, rules, imports].every(Array.isArray);
  if (version !== VERSION || typeof sha !== 'string' || !lists)
    throw refusal(`it is not of version ${VERSION}`);
  const here = (host: string) => (host === OWN ? own : host);
  return {
    sha,
    registries: (registries as BundledConfig['registries']).map(registry => ({
      ...neededOf(registry),
      host: here(registry.host),
    })),
    rules: (rules as Rule[]).map(rule => ({
      ...rule,
      repositories: rule.repositories.map(pattern => ({ ...pattern, registry: here(pattern.registry) })),
    })),
    imports: (imports as ImportRule[]).map(rule => ({
      ...rule,
      from: { ...rule.from, registry: here(rule.from.registry) },
      to: { ...rule.to, registry: here(rule.to.registry) },
    })),
  };
}

/** What says how to reach a registry, and how its pushes get here; logins and intervals of a laptop stay behind. */
function neededOf(registry: BundledRegistry): BundledRegistry {
  const { name, host, events, poll, tenant, clientId, readClientId, resource } = registry;
  const { hook, audience, subscription } = registry;
  const credentials = registry.credentials?.startsWith('secretsmanager:') ? registry.credentials : undefined;
  // What is absent is left out by JSON.stringify.
  return JSON.parse(
    JSON.stringify({
      name,
      host,
      events,
      poll,
      tenant,
      clientId,
      readClientId,
      resource,
      hook,
      audience,
      subscription,
      credentials,
    }),
  ) as BundledRegistry;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    throw refusal('it is not JSON');
  }
}

function refusal(reason: string): ArchweaveError {
  const next = 'deploy the stack again';
  return new ArchweaveError({ code: 'bad-config', attempt: 'read the bundled configuration', reason, next });
}
