import { isArchweaveError } from '../../../lib/errors.ts';
import { acrHost } from '../../../lib/registry/acr/acr-host.ts';
import { federatedIdentity } from '../../../lib/registry/acr/federated-identity.ts';
import { openAcrRegistry } from '../../../lib/registry/acr/open.ts';
import type { LiveCheck } from '../live-check.ts';

const [HOST, TENANT, CLIENT] = [
  'ARCHWEAVE_LIVE_ACR',
  'ARCHWEAVE_LIVE_TENANT',
  'ARCHWEAVE_LIVE_CLIENT_ID',
] as const;

export const azureFederation: LiveCheck = {
  name: 'azure-federation',
  asks: "Does Entra take AWS's token for this role, and which AADSTS code does it answer if not?",
  needs: [HOST, TENANT, CLIENT],
  async run({ env, region }) {
    const host = env[HOST]!;
    const identity = async () =>
      federatedIdentity({ cloud: acrHost(host)!, tenant: env[TENANT]!, clientId: env[CLIENT]!, region });
    const registry = openAcrRegistry({ host, identity });
    try {
      const seen: string[] = [];
      for await (const page of registry.listRepositories()) seen.push(...page);
      return [`taken; ${seen.length} repositories seen`];
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      return [error.message, `where ${error.where ?? '-'}`];
    }
  },
};
