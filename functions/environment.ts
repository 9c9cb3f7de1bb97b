import { readFileSync } from 'node:fs';
import { ArchweaveError } from '../lib/errors.ts';
import { ecrRegistry } from '../lib/events/ecr-registry.ts';
import { ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import { type BundledRegistry, readBundledConfig } from '../lib/rules/bundled-config.ts';

/** What the deployment says in an environment variable. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new ArchweaveError({ code: 'bad-config', attempt: 'start', reason: `${name} is not set` });
}

/** A positive number that the deployment may say. */
export function numberSetting(name: string, otherwise: number): number {
  const number = Number(process.env[name] ?? otherwise);
  if (number > 0 && Number.isFinite(number)) return number;
  const reason = `${name} is not a positive number`;
  throw new ArchweaveError({ code: 'bad-config', attempt: 'start', reason });
}

/** The account and Region that this runs in, as the registry that archweave.yaml calls `ecr`. */
const own = ecrRegistry(setting('ARCHWEAVE_ACCOUNT'), setting('AWS_REGION'));
const file = process.env.ARCHWEAVE_CONFIG ?? new URL('config.json', import.meta.url);

/** archweave.yaml, checked and made JSON when the stack was synthesised. */
export const config = readBundledConfig(readFileSync(file, 'utf8'), own);

const named = new Set(
  config.rules.flatMap(({ repositories }) => repositories.map(({ registry }) => registry)),
);

/** The registries of ECR that rules name, by their hosts. */
export const hosts: readonly string[] = [...named].filter(host => ecrHost(host) !== undefined);

/** The registries in Azure that rules name. */
export const acrRegistries: readonly BundledRegistry[] = config.registries.filter(
  ({ host }) => isAcrHost(host) && named.has(host),
);

/** All names that rules have for one registry: its usual host, those through FIPS or IPv6 endpoints. */
export function namesOf(registry: string): readonly string[] {
  const same = ecrHost(registry);
  return hosts.filter(host => {
    const ecr = ecrHost(host);
    return ecr?.account === same?.account && ecr?.region === same?.region;
  });
}
