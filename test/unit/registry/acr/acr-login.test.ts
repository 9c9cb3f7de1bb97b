import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { pushImage } from '../../../contract/registry-content.ts';
import { fakeIdentity } from '../../../support/acr-fake-client.ts';
import { refusal } from '../../../support/acr-fake-world.ts';
import { anAcr } from './an-acr.ts';

let clock = Date.now();
const acr = anAcr({ now: () => clock });
const open = (more = {}) => acr.open({ now: () => clock, ...more });
const HOUR = 3_600_000;
const nobody = async () => ({
  name: "the Azure SDK's chain",
  next: 'az login --tenant t',
  token: async () => undefined,
});

describe('logging in at ACR', () => {
  beforeEach(async () => {
    await pushImage(open(), 'app', 'image', { tag: '1.0' });
    await pushImage(open(), 'other', 'image', { tag: '1.0' });
    acr.asked();
    acr.loggedIn();
  });

  it('asks Entra once, exchanges its token once, and gets one token a repository for SDK and protocol', async () => {
    const registry = open();
    for (const repository of ['app', 'other', 'app']) {
      await registry.readManifests(repository, ['1.0', 'away']);
      await registry.resolveReferences(repository, ['1.0']);
    }
    const { tenant } = acr.fake.world;
    expect(acr.loggedIn()).toEqual([
      expect.stringMatching(/openid-configuration$/),
      `POST /${tenant}/oauth2/v2.0/token`,
      'POST /oauth2/exchange',
      'POST /oauth2/token',
      'POST /oauth2/token',
    ]);
    expect(acr.asked()).toHaveLength(9);
  });

  it('asks for another access token when the first is about to end, as that itself says', async () => {
    const registry = open();
    await registry.readManifests('app', ['1.0']);
    clock += 74 * 60_000;
    await registry.readManifests('app', ['1.0']);
    acr.loggedIn();
    clock += 2 * 60_000;
    await registry.readManifests('app', ['1.0']);
    expect(acr.loggedIn()).toEqual(['POST /oauth2/token']);
    expect(acr.asked()).toHaveLength(3);
  });

  it('exchanges a new token before the three hours of the first are over', async () => {
    const registry = open();
    await registry.readManifests('app', ['1.0']);
    acr.loggedIn();
    clock += 3 * HOUR - 4 * 60_000;
    await registry.readManifests('app', ['1.0']);
    expect(acr.loggedIn().slice(-2)).toEqual(['POST /oauth2/exchange', 'POST /oauth2/token']);
    expect(acr.asked()).toHaveLength(2);
  });

  it.each(['readManifests', 'resolveReferences'] as const)(
    'renews a token that ends in the middle, for %s',
    async read => {
      const registry = open();
      await registry[read]('app', ['1.0']);
      acr.fake.world.tokens.revoke('access');
      const answer = await registry[read]('app', ['1.0']);
      expect(answer.get('1.0')).toBeDefined();
    },
  );

  it('logs in anew where the refresh token was revoked', async () => {
    const registry = open();
    await registry.readManifests('app', ['1.0']);
    acr.fake.world.tokens.revoke('access');
    acr.fake.world.tokens.revoke('refresh');
    expect((await registry.readManifests('app', ['1.0'])).get('1.0')).toMatchObject({ kind: 'found' });
  });

  it('says what Entra says of a wrong secret, and asks again the next time', async () => {
    let secret = 'wrong';
    const identity = {
      ...fakeIdentity(acr.fake),
      token: (proving: { attempt: string }) => fakeIdentity(acr.fake, secret).token(proving),
    };
    const registry = open({ identity: async () => identity });
    await expect(registry.readManifests('app', ['1.0'])).rejects.toMatchObject({
      code: 'unauthorized',
      attempt: `read ${acr.fake.host}/app:1.0`,
      reason: expect.stringMatching(/^AADSTS7000215: Invalid client secret provided/),
      where: `POST ${acr.fake.authority}/${acr.fake.world.tenant}/oauth2/v2.0/token -> AADSTS7000215`,
      next: 'is AZURE_CLIENT_SECRET right?',
    });
    secret = acr.fake.world.secret;
    expect((await registry.readManifests('app', ['1.0'])).get('1.0')).toMatchObject({ kind: 'found' });
  });

  it('says that the registry takes no such token, which one of another tenant does', async () => {
    acr.fake.world.failNext(/oauth2\/exchange/, refusal(401, 'UNAUTHORIZED', 'not in this tenant'));
    await expect(open().readManifests('app', ['1.0'])).rejects.toMatchObject({
      code: 'unauthorized',
      reason: 'it does not take this token of Entra',
      where: `POST https://${acr.fake.host}/oauth2/exchange -> 401`,
      next: `is it in another tenant? az login --tenant ${acr.fake.world.tenant}`,
    });
  });

  it('waits where the token server asks for it, and tries again where it fails', async () => {
    acr.fake.world.failNext(/oauth2\/exchange/, { status: 429, headers: { 'retry-after': '7' } });
    acr.fake.world.failNext(/oauth2\/token/, { status: 503 });
    acr.waits.length = 0;
    expect((await open().readManifests('app', ['1.0'])).get('1.0')).toMatchObject({ kind: 'found' });
    expect(acr.waits[0]).toBe(7000);
    expect(acr.waits).toHaveLength(2);
  });

  it('takes its own time for that, however little a request has', async () => {
    const { token, ...who } = fakeIdentity(acr.fake);
    const slow = async (proving: { attempt: string }) => {
      await new Promise(resolve => setTimeout(resolve, 2_000));
      return token(proving);
    };
    const registry = open({ timeout: 1_500, identity: async () => ({ ...who, token: slow }) });
    expect((await registry.readManifests('app', ['1.0'])).get('1.0')).toMatchObject({ kind: 'found' });
  });

  it('logs in with what docker knows where nobody is logged in to Azure', async () => {
    const DOCKER_CONFIG = mkdtempSync(join(tmpdir(), 'archweave-docker-'));
    const identitytoken = acr.fake.world.tokens.make({ kind: 'refresh', sub: 'me', aud: 'acr' }, 3600);
    const auths = { [acr.fake.host]: { identitytoken } };
    writeFileSync(join(DOCKER_CONFIG, 'config.json'), JSON.stringify({ auths }));
    const registry = open({ identity: nobody, env: { DOCKER_CONFIG } });
    expect((await registry.readManifests('app', ['1.0'])).get('1.0')).toMatchObject({ kind: 'found' });
    rmSync(DOCKER_CONFIG, { recursive: true });
  });

  it('says where it looked where nobody is logged in at all', async () => {
    const registry = open({ identity: nobody, env: { HOME: '/nowhere' } });
    await expect(registry.readManifests('app', ['1.0'])).rejects.toMatchObject({
      code: 'unauthorized',
      tried: expect.stringMatching(/^the Azure SDK's chain found nobody; .*anonymous refused$/),
      next: 'az login --tenant t',
    });
  });

  it('shows nobody a token in an error', async () => {
    const registry = open();
    await registry.readManifests('app', ['1.0']);
    acr.fake.world.failNext(/manifests/, 'drop', 3);
    const error = await registry.readManifests('app', ['1.0']).catch(failure => failure);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/Bearer|eyJ/);
    expect(Object.keys(error.cause)).not.toContain('request');
  });
});
