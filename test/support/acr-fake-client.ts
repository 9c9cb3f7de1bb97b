import { ClientSecretCredential } from '@azure/identity';
import { acrHost } from '../../lib/registry/acr/acr-host.ts';
import type { AzureIdentity } from '../../lib/registry/acr/azure-identity.ts';
import { entraError, isNobody } from '../../lib/registry/acr/entra-error.ts';
import { type AcrOptions, openAcrRegistry } from '../../lib/registry/acr/open.ts';
import { type AcrFake, type AcrFakeOptions, startAcrFake } from './acr-fake.ts';

/** The application of the fake's tenant, by the SDK. */
export function fakeIdentity({ authority, world }: AcrFake, secret = world.secret): AzureIdentity {
  const { tenant, clientId } = world;
  const credential = new ClientSecretCredential(tenant, clientId, secret, {
    authorityHost: authority,
    disableInstanceDiscovery: true,
    retryOptions: { maxRetries: 0 },
  });
  const name = `the application ${clientId}`;
  const next = `az login --tenant ${tenant}`;
  return {
    name,
    next,
    async token({ attempt, signal, audience = acrHost('x.azurecr.io')!.audience }) {
      try {
        const options = signal ? { abortSignal: signal } : {};
        return (await credential.getToken(`${audience}/.default`, options)).token;
      } catch (error) {
        if (isNobody(error)) return undefined;
        throw entraError(error, { attempt, authority, tenant, clientId, name, next }, signal);
      }
    },
  };
}

/** The adapter as it is, talking to a fake; this process trusts the fake's certificate until `stop`. */
export function openAcr(fake: AcrFake, options: Partial<AcrOptions> = {}) {
  return openAcrRegistry({ host: fake.host, identity: async () => fakeIdentity(fake), env: {}, ...options });
}

/** Has this process trust certificates, until what it answers is called. */
export function trustUntil(ca: string): () => void {
  const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls');
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, ca]);
  return () => setDefaultCACertificates(before);
}

/** A fake and the adapter on it. */
export async function openFakeAcr(backend: NonNullable<AcrFakeOptions['backend']> = 'embedded') {
  const fake = await startAcrFake({ backend });
  const distrust = trustUntil(fake.ca);
  return {
    fake,
    registry: openAcr(fake),
    async stop() {
      distrust();
      await fake.stop();
    },
  };
}
