import { ArchweaveError } from '../lib/errors.ts';
import { acrHost } from '../lib/registry/acr/acr-host.ts';
import { type AcrOptions, openAcrRegistry } from '../lib/registry/acr/open.ts';
import type { ServerSideImporter } from '../lib/registry/interfaces.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';

/** Whether this function may be somebody who cannot write. */
const READS_ONLY = process.env.ARCHWEAVE_READS_ONLY === 'true';

/** What asks a registry to fetch images by itself, as the same identity. */
export type OpenServerSide = (identity: AcrOptions['identity']) => ServerSideImporter;

/** A registry in Azure, which nothing is sent to before the first call. */
export function openAcr(
  registry: BundledRegistry,
  { timeout, attempts: tries }: { readonly timeout: number; readonly attempts: number },
  serverSide?: OpenServerSide,
) {
  const identity = () => identityFor(registry);
  return openAcrRegistry({
    ...{ host: registry.host, timeout, retry: { tries }, identity },
    ...(serverSide && { serverSide: serverSide(identity) }),
  });
}

/** The role that this runs as, which Entra trusts: no secret is stored anywhere. */
async function identityFor({ name, host, tenant, ...ids }: BundledRegistry) {
  const cloud = acrHost(host);
  const clientId = READS_ONLY ? (ids.readClientId ?? ids.clientId) : ids.clientId;
  if (tenant !== undefined && clientId !== undefined && cloud !== undefined) {
    // At the first request: a start without one need not load it.
    const { federatedIdentity } = await import('../lib/registry/acr/federated-identity.ts');
    return federatedIdentity({ cloud, tenant, clientId });
  }
  throw new ArchweaveError({
    code: 'bad-config',
    attempt: `reach ${host}`,
    reason: `archweave.yaml does not say as whom: ${name} has no tenant and clientId`,
    next: 'archweave azure bicep',
  });
}
