import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { acrHost } from '../../../../lib/registry/acr/acr-host.ts';
import { federatedIdentity } from '../../../../lib/registry/acr/federated-identity.ts';
import { pushImage } from '../../../contract/registry-content.ts';
import { type StsFake, startStsFake, stsFakeEnv } from '../../../support/sts-fake.ts';
import { anAcr } from './an-acr.ts';

const acr = anAcr();
let sts: StsFake;
const waits: number[] = [];
const cloud = acrHost('contoso.azurecr.io')!;
const identity = (more: { tenant?: string; clientId?: string } = {}) => {
  const { tenant, clientId } = acr.fake.world;
  const retry = { sleep: async (ms: number) => void waits.push(ms) };
  return federatedIdentity({ cloud, tenant, clientId, ...more, retry });
};

beforeAll(async () => {
  sts = await startStsFake();
  Object.assign(process.env, stsFakeEnv(sts), { AZURE_AUTHORITY_HOST: acr.fake.authority });
  acr.fake.world.federated.push({ issuer: sts.issuer, subject: sts.subject });
});
afterAll(() => sts.stop());
beforeEach(() => {
  waits.length = 0;
  sts.calls.length = 0;
  acr.loggedIn();
});

describe('an AWS role as an identity of Entra', () => {
  it('reads and writes ACR, with no secret anywhere', async () => {
    const registry = acr.open({ identity: async () => identity() });
    const { digest } = await pushImage(registry, 'app', 'image', { tag: '1.0' });
    expect((await registry.resolveReferences('app', ['1.0'])).get('1.0')).toBe(digest);
    expect(sts.calls).toHaveLength(1);
  });

  it('keeps what Entra gave it', async () => {
    const role = identity();
    expect(await role.token({ attempt: 'a' })).toBe(await role.token({ attempt: 'b' }));
    expect(acr.loggedIn().filter(line => line.endsWith('/oauth2/v2.0/token'))).toHaveLength(1);
  });

  it.each([
    ['subject', { subject: 'arn:aws:iam::123456789012:role/Archweave' }],
    ['issuer', { issuer: 'https://other.tokens.sts.global.api.aws' }],
  ] as const)('is told which %s Azure has to know, at once', async (what, known) => {
    const { federated } = acr.fake.world;
    const right = federated.splice(0);
    federated.push({ ...right[0]!, ...known });
    await expect(identity().token({ attempt: 'log in' })).rejects.toMatchObject({
      code: 'unauthorized',
      retryable: false,
      reason: `no federated credential of ${acr.fake.world.clientId} has the ${what} ${sts[what]}`,
      next: `one with issuer ${sts.issuer}, subject ${sts.subject} and audience api://AzureADTokenExchange: archweave azure bicep`,
    });
    federated.splice(0, federated.length, ...right);
    expect(waits).toEqual([]);
  });

  it('waits for Entra to know a credential that was made just now', async () => {
    acr.fake.world.refuseAtEntra(
      70021,
      'No matching federated identity record found for presented assertion.',
      2,
    );
    expect(await identity().token({ attempt: 'log in' })).toMatch(/^ey/);
    expect(waits).toEqual([1000, 2000]);
  });

  it('comes back later where Entra takes minutes for it', async () => {
    acr.fake.world.refuseAtEntra(
      70021,
      'No matching federated identity record found for presented assertion.',
      3,
    );
    await expect(identity().token({ attempt: 'log in' })).rejects.toMatchObject({
      code: 'unauthorized',
      retryable: true,
      reason: expect.stringContaining('or it was made within the last minutes'),
    });
  });

  it.each([
    ['tenant', { tenant: '33333333-3333-4333-8333-333333333333' }, /^Entra knows no tenant 3333/],
    ['clientId', { clientId: '44444444-4444-4444-8444-444444444444' }, /^Entra knows no 4444/],
  ])('says which key of archweave.yaml is wrong: %s', async (key, wrong, reason) => {
    await expect(identity(wrong).token({ attempt: 'log in' })).rejects.toMatchObject({
      code: 'unauthorized',
      reason: expect.stringMatching(reason),
      next: expect.stringContaining(key),
    });
  });

  it('tells the refusal of AWS as that of AWS', async () => {
    sts.failNext(403, 'OutboundWebIdentityFederationDisabledException', 'disabled');
    await expect(identity().token({ attempt: 'log in' })).rejects.toMatchObject({
      next: 'aws iam enable-outbound-web-identity-federation',
    });
  });

  it('says that Entra cannot be reached', async () => {
    process.env.AZURE_AUTHORITY_HOST = 'https://127.0.0.1:9';
    await expect(identity().token({ attempt: 'log in' })).rejects.toMatchObject({
      code: 'unreachable',
      retryable: true,
      next: 'is there a way to 127.0.0.1:9?',
    });
    process.env.AZURE_AUTHORITY_HOST = acr.fake.authority;
  });
});
