import { ecrHost } from '../lib/registry/ecr/ecr-host.ts';
import { openEcrRegistry } from '../lib/registry/ecr/open.ts';
import { openOciRegistry } from '../lib/registry/oci/open.ts';
import { secretLogin } from '../lib/registry/secrets/secret-login.ts';
import { config } from './environment.ts';
import { openAcrEnd } from './import-ends-acr.ts';

/** A part of a layer has up to 10 MiB, and steps have minutes: there is time for each request. */
const COPYING = { timeout: 60_000, attempts: 3 };

const named = new Set(config.imports.flatMap(({ from, to }) => [from.registry, to.registry]));

const ends = new Map([...named].map(host => [host, openEnd(host)] as const));

/** A registry that an import names; it stays open as long as this process. */
export const importEndOf = (host: string) => ends.get(host);

/** All names that imports have for one registry of ECR. */
export function importNamesOf(registry: string): readonly string[] {
  const same = ecrHost(registry);
  if (same === undefined) return [registry];
  return [...named].filter(host => {
    const ecr = ecrHost(host);
    return ecr?.account === same.account && ecr.region === same.region;
  });
}

function openEnd(host: string) {
  const ecr = ecrHost(host);
  if (ecr !== undefined) return openEcrRegistry({ ...ecr, host, ...COPYING });
  const known = config.registries.find(registry => registry.host === host);
  const credentials = known?.credentials;
  return (
    (known && openAcrEnd(known, COPYING)) ??
    openOciRegistry({
      host,
      timeout: COPYING.timeout,
      retry: { tries: COPYING.attempts },
      ...(credentials !== undefined && { credentials: secretLogin(credentials) }),
    })
  );
}
