import { ArchweaveError } from '../lib/errors.ts';
import { acrHost } from '../lib/registry/acr/acr-host.ts';
import { openAcrRegistry } from '../lib/registry/acr/open.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { acrRegistries } from './environment.ts';
import { PATIENCE } from './patience.ts';

/** Whether this function may be somebody who cannot write. */
const READS_ONLY = process.env.ARCHWEAVE_READS_ONLY === 'true';

const registries = new Map(
  acrRegistries.map(registry => {
    const { host } = registry;
    const { timeout, attempts: tries } = PATIENCE;
    const identity = () => identityFor(registry);
    return [host, openAcrRegistry({ host, timeout, retry: { tries }, identity })] as const;
  }),
);

/** A registry that stays open as long as this process: its tokens are used again. */
export const acrRegistryOf = (host: string) => registries.get(host);

export const acrHosts: readonly string[] = [...registries.keys()];

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
