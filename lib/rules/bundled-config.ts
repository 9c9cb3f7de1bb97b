import { createHash } from 'node:crypto';
import { ArchweaveError } from '../errors.ts';
import type { Rule } from './rule.ts';

/** What a function needs of archweave.yaml: plain data, made when the stack is synthesised, read without a parser. */
export interface BundledConfig {
  /** Names it in logs and events: 12 hex digits. */
  readonly sha: string;
  readonly registries: readonly { readonly name: string; readonly host: string }[];
  readonly rules: readonly Rule[];
}

const VERSION = 1;
/** What archweave.yaml calls the registry of the account and Region that a stack is deployed to. */
const OWN = 'ecr';

/** The text of `config.json`, which lies next to the functions; the same for the same configuration. */
export function bundleConfig({ registries, rules }: Omit<BundledConfig, 'sha'>): string {
  const names = registries.map(({ name, host }) => ({ name, host }));
  const sha = createHash('sha256')
    .update(JSON.stringify([names, rules]))
    .digest('hex')
    .slice(0, 12);
  return JSON.stringify({ version: VERSION, sha, registries: names, rules });
}

/** Reads it; `own` is the host that stands for `ecr`. Throws `bad-config`. */
export function readBundledConfig(text: string, own: string): BundledConfig {
  const { version, sha, registries, rules } = parse(text);
  if (version !== VERSION || typeof sha !== 'string' || !Array.isArray(registries) || !Array.isArray(rules))
    throw refusal(`it is not of version ${VERSION}`);
  const here = (host: string) => (host === OWN ? own : host);
  return {
    sha,
    registries: (registries as BundledConfig['registries']).map(({ name, host }) => ({
      name,
      host: here(host),
    })),
    rules: (rules as Rule[]).map(rule => ({
      ...rule,
      repositories: rule.repositories.map(pattern => ({ ...pattern, registry: here(pattern.registry) })),
    })),
  };
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
