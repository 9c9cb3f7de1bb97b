import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { acrHost } from '../../../../lib/registry/acr/acr-host.ts';
import { defaultIdentity } from '../../../../lib/registry/acr/default-identity.ts';
import { openIdentity } from '../../../../lib/registry/acr/open-identity.ts';
import { anAcr } from './an-acr.ts';

const acr = anAcr();
const cloud = acrHost('contoso.azurecr.io')!;
const NAMES = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET', 'AZURE_TOKEN_CREDENTIALS'];

beforeEach(() => {
  const { env, world, authority } = acr.fake;
  process.env.AZURE_AUTHORITY_HOST = authority;
  // The SDK's own switch: nothing is asked of this machine's Azure CLI or metadata service.
  process.env.AZURE_TOKEN_CREDENTIALS = 'EnvironmentCredential';
  Object.assign(process.env, { AZURE_TENANT_ID: world.tenant, AZURE_CLIENT_ID: env.AZURE_CLIENT_ID });
  process.env.AZURE_CLIENT_SECRET = world.secret;
});
afterEach(() => {
  for (const name of NAMES) delete process.env[name];
});

describe('whoever the Azure SDK finds', () => {
  it('is the application of the environment, kept until its token ends', async () => {
    const identity = defaultIdentity({ cloud });
    const token = await identity.token({ attempt: 'log in' });
    expect(token).toMatch(/^ey/);
    expect(await identity.token({ attempt: 'log in' })).toBe(token);
  });

  it('is nobody where nobody is logged in, and the mend names the tenant', async () => {
    for (const name of NAMES.slice(0, 3)) delete process.env[name];
    const { tenant } = acr.fake.world;
    const identity = defaultIdentity({ cloud, tenant });
    expect(await identity.token({ attempt: 'log in' })).toBeUndefined();
    expect(identity.next).toBe(`az login --tenant ${tenant}`);
    expect(defaultIdentity({ cloud }).next).toBe('az login');
  });

  it("is refused in Entra's words, without its ids", async () => {
    process.env.AZURE_CLIENT_SECRET = 'wrong';
    const error = await defaultIdentity({ cloud })
      .token({ attempt: 'log in' })
      .catch(failure => failure);
    expect(error).toMatchObject({
      code: 'unauthorized',
      reason: 'AADSTS7000215: Invalid client secret provided',
      next: 'is AZURE_CLIENT_SECRET right?',
    });
  });
});

describe('who asks', () => {
  const host = 'contoso.azurecr.io';
  const known = { host, tenant: '11111111-1111-4111-8111-111111111111', clientId: '2222' };

  it.each([
    ['in Lambda', { AWS_LAMBDA_FUNCTION_NAME: 'assemble' }],
    ['in a container with a role', { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials' }],
  ])('is the AWS role %s', async (_, env) => {
    expect((await openIdentity(known, env)).name).toBe(`the AWS role as 2222 of tenant ${known.tenant}`);
    expect((await openIdentity({ host }, env)).name).toBe("the Azure SDK's chain");
  });

  it("is the Azure SDK's chain everywhere else, a profile of AWS or not", async () => {
    const { name, next } = await openIdentity(known, { AWS_PROFILE: 'dev' });
    expect({ name, next }).toEqual({
      name: "the Azure SDK's chain (2222)",
      next: `az login --tenant ${known.tenant}`,
    });
  });
});
