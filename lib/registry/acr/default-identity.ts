import { DefaultAzureCredential } from '@azure/identity';
import type { AcrHost } from './acr-host.ts';
import { authorityOf } from './authority.ts';
import type { AzureIdentity } from './azure-identity.ts';
import { entraError, isNobody } from './entra-error.ts';

export interface DefaultIdentityOptions {
  readonly cloud: AcrHost;
  readonly tenant?: string;
  /** Of the managed identity; left out: the only one that the machine has. */
  readonly clientId?: string;
}

/**
 * Whoever the Azure SDK finds where this runs: environment, workload identity, managed identity, and on a person's
 * machine what `az login` and its like have left. It keeps tokens until they end.
 */
export function defaultIdentity({ cloud, tenant, clientId }: DefaultIdentityOptions): AzureIdentity {
  const { authority, ...authorityOptions } = authorityOf(cloud);
  const credential = new DefaultAzureCredential({
    ...authorityOptions,
    ...(tenant !== undefined && { tenantId: tenant }),
    ...(clientId !== undefined && { managedIdentityClientId: clientId }),
  });
  const next = tenant === undefined ? 'az login' : `az login --tenant ${tenant}`;
  const name = `the Azure SDK's chain${clientId === undefined ? '' : ` (${clientId})`}`;
  return {
    name,
    next,
    async token({ attempt, signal, audience = cloud.audience }) {
      try {
        const token = await credential.getToken(`${audience}/.default`, {
          ...(signal !== undefined && { abortSignal: signal }),
        });
        return token.token;
      } catch (error) {
        if (isNobody(error) && !signal?.aborted) return undefined;
        const asked = { attempt, authority, name, next, ...(tenant !== undefined && { tenant }) };
        throw entraError(error, { ...asked, ...(clientId !== undefined && { clientId }) }, signal);
      }
    },
  };
}
