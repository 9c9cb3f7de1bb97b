import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type AzureFunctions, startAzureFunctions } from '../support/azure-functions.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { eventFixture, put, spoiltEvent } from '../support/event-fixture.ts';
import { describeWith } from '../support/tools.ts';

const FIRST = 'first-secret-of-the-tests-0123456789';
const SECOND = 'second-secret-of-the-tests-0123456789';
const AUDIENCE = 'api://archweave-tests';
const GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

const imageFor = (architecture: string, text = architecture) =>
  sampleImage({ os: 'linux', architecture }, { text });
const webhook = (tag: string, digest: string, id: string, host = 'contoso.azurecr.io') =>
  spoiltEvent('acr-push', event => {
    event.id = id;
    event.request.host = host;
    Object.assign(event.target, { repository: 'web/app', tag, digest });
  });

describeWith(['python3'], 'the bundled functions with registries in Azure', () => {
  let room: AzureFunctions;
  beforeAll(async () => {
    room = await startAzureFunctions(
      FIRST,
      ({ identity, secret }) => `registries:
  contoso: { host: contoso.azurecr.io, ${identity}, events: webhook, hook: "secretsmanager:${secret}" }
  grid: { host: grid.azurecr.io, ${identity}, events: event-grid, audience: ${AUDIENCE}, subscription: archweave, hook: "secretsmanager:${secret}-of-others" }
  polled: { host: polled.azurecr.io, ${identity} }
indexes:
  - { name: webhook, repositories: [contoso/web/*], platforms: [linux/amd64, linux/arm64], sameBuild: false }
  - { name: grid, repositories: [grid/grid/*], platforms: [linux/amd64, linux/arm64], sameBuild: false }
  - name: polled
    repositories: [polled/poll/*]
    members: "v{version}-{arch}"
    target: "v{version}"
    platforms: [linux/amd64, linux/arm64]
    sameBuild: false
`,
    );
  }, 180_000);
  afterAll(() => room?.stop());

  it('make an index of two webhooks, as the role that AWS vouches for', async () => {
    const [amd64, arm64] = [imageFor('amd64'), imageFor('arm64')];
    await room.push('web/app', '1.0-amd64', amd64);
    const first = await room.gateway('contoso', webhook('1.0-amd64', amd64.digest, 'web-1'), {
      authorization: `Bearer ${FIRST}`,
    });
    expect(first).toMatchObject({ status: 202, body: { accepted: 1, ignored: 0 } });
    expect(await room.work()).toEqual({ taken: 1, failed: 0 });
    await room.push('web/app', '1.0-arm64', arm64);
    await room.gateway('contoso', webhook('1.0-arm64', arm64.digest, 'web-2'), {
      authorization: `Bearer ${FIRST}`,
    });
    expect(await room.work()).toEqual({ taken: 1, failed: 0 });
    expect(await room.held('web/app', '1.0')).toBeDefined();
    expect(await room.decisions()).toEqual(['waiting', 'published']);
    const [told] = await room.messagesIn(room.urls.told);
    expect(JSON.parse(told!.Body!)).toMatchObject({
      'detail-type': 'Index Published',
      detail: { registry: { host: 'contoso.azurecr.io', name: 'contoso' }, repository: 'web/app' },
    });
  });

  it('take an event that comes again for one thing, and a later look for one "unchanged"', async () => {
    const before = await room.held('web/app', '1.0');
    const digest = imageFor('arm64').digest;
    const again = webhook('1.0-arm64', digest, 'web-2');
    for (let times = 0; times < 3; times++)
      expect((await room.gateway('contoso', again, { authorization: `Bearer ${FIRST}` })).status).toBe(202);
    expect(await room.messagesIn(room.urls.work)).toEqual([]);
    await room.gateway('contoso', webhook('1.0-arm64', digest, 'web-3'), {
      authorization: `Bearer ${FIRST}`,
    });
    expect(await room.work()).toEqual({ taken: 1, failed: 0 });
    expect((await room.decisions()).at(-1)).toBe('unchanged');
    expect(await room.held('web/app', '1.0')).toBe(before);
  });

  it('let nobody in without the secret, and take its old value while it is rotated', async () => {
    const event = webhook('1.0-amd64', imageFor('amd64').digest, 'web-4');
    expect((await room.gateway('contoso', event, {})).status).toBe(401);
    expect((await room.gateway('contoso', event, { authorization: `Bearer ${FIRST}x` })).status).toBe(403);
    expect((await room.gateway('grid', event, { authorization: `Bearer ${FIRST}` })).status).toBe(401);
    expect((await room.gateway('nobody', event, { authorization: `Bearer ${FIRST}` })).status).toBe(401);
    expect(await room.messagesIn(room.urls.work)).toEqual([]);

    await room.secrets.send(new PutSecretValueCommand({ SecretId: room.secret, SecretString: SECOND }));
    await room.restart('authorize');
    for (const value of [SECOND, FIRST])
      expect((await room.gateway('contoso', event, { authorization: `Bearer ${value}` })).status).toBe(202);
    expect(await room.work()).toEqual({ taken: 1, failed: 0 });
  });

  it('contact nobody whom a body names, though its secret is right', async () => {
    const { length } = room.fake.world.calls;
    const event = webhook('1.0-amd64', imageFor('amd64').digest, 'web-5', 'evil.example');
    expect((await room.gateway('contoso', event, { authorization: `Bearer ${SECOND}` })).status).toBe(202);
    expect(await room.work()).toEqual({ taken: 1, failed: 0 });
    expect(room.fake.world.strangers).toEqual([]);
    const asked = room.fake.world.calls.slice(length).map(({ path }) => path);
    expect(asked.some(path => path.includes('/web/app/'))).toBe(true);
    expect(asked.filter(path => path.includes('evil'))).toEqual([]);
  });

  it('answer what is no event so that Event Grid gives it up, and 202 for what no rule wants', async () => {
    const authorization = `Bearer ${SECOND}`;
    expect((await room.gateway('contoso', Buffer.from('{'), { authorization })).status).toBe(400);
    expect((await room.gateway('contoso', Buffer.alloc(300_000, ' '), { authorization })).status).toBe(413);
    const other = spoiltEvent('acr-push', put('target.repository', 'somebody/else'));
    expect((await room.gateway('contoso', other, { authorization })).status).toBe(202);
    expect((await room.gateway('contoso', eventFixture('acr-quarantine'), { authorization })).body).toEqual({
      accepted: 0,
      ignored: 1,
    });
    expect(await room.messagesIn(room.urls.work)).toEqual([]);
  });

  it('shake hands with Event Grid in both schemas, and take its events in both', async () => {
    const claims = { aud: AUDIENCE, azp: GRID, tid: room.fake.world.tenant };
    const introduction = eventFixture('event-grid-validation');
    const named = { 'aeg-event-type': 'SubscriptionValidation', 'aeg-subscription-name': 'ARCHWEAVE' };
    expect(await room.gateway('grid', introduction, { claims, headers: named })).toMatchObject({
      status: 200,
      body: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' },
    });
    const strange = { ...named, 'aeg-subscription-name': 'EVIL' };
    expect((await room.gateway('grid', introduction, { claims, headers: strange })).status).toBe(403);
    const origin = { 'webhook-request-origin': 'eventgrid.azure.net' };
    const asked = await room.gateway('grid', Buffer.alloc(0), { method: 'OPTIONS', headers: origin });
    expect(asked).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'eventgrid.azure.net' },
    });

    const [amd64, arm64] = [imageFor('amd64', 'grid'), imageFor('arm64', 'grid')];
    await room.push('grid/app', '1.0-amd64', amd64);
    await room.push('grid/app', '1.0-arm64', arm64);
    const target = (tag: string, digest: string) => ({ repository: 'grid/app', tag, digest });
    const own = spoiltEvent('event-grid-push', ([event]) => {
      Object.assign(event.data.target, target('1.0-amd64', amd64.digest));
    });
    const cloud = spoiltEvent('event-grid-cloud-event', event => {
      event.id = 'grid-2';
      Object.assign(event.data.target, target('1.0-arm64', arm64.digest));
    });
    const member = { ...claims, azp: '33333333-3333-4333-8333-333333333333' };
    expect((await room.gateway('grid', own, { claims: member })).status).toBe(401);
    expect((await room.gateway('grid', own, { claims })).status).toBe(202);
    const type = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    expect((await room.gateway('grid', cloud, { claims, headers: type })).status).toBe(202);
    expect((await room.work()).failed).toBe(0);
    await room.work();
    expect(await room.held('grid/app', '1.0')).toBeDefined();
  });

  it.each([true, false])(
    'find by polling what announces nothing, and a tag that moves: %s',
    async renews => {
      room.fake.world.renewsTime = renews;
      const repository = `poll/renews-${renews}`;
      await room.invoke('poll');
      for (const architecture of ['amd64', 'arm64'])
        await room.push(repository, `v1.0-${architecture}`, imageFor(architecture, `old ${renews}`));
      await room.invoke('poll');
      expect((await room.work()).taken).toBeGreaterThan(0);
      const before = await room.held(repository, 'v1.0');
      expect(before).toBeDefined();
      // Its own push, and then more tags than a look lists, so that what moves is found by its time alone.
      await room.invoke('poll');
      await room.work();
      for (let number = 0; number < 55; number++)
        await room.push(repository, `other${number}`, imageFor('amd64'));
      await room.invoke('poll');
      for (const architecture of ['amd64', 'arm64'])
        await room.push(repository, `v1.0-${architecture}`, imageFor(architecture, `new ${renews}`));
      await room.invoke('poll');
      await room.work();
      const moved = async () => (await room.held(repository, 'v1.0')) !== before;
      expect(await moved()).toBe(renews);
      if (renews) return;
      await room.invoke('sweep-azure');
      while ((await room.work('sweep-azure', room.urls.sweep)).taken > 0);
      while ((await room.work()).taken > 0);
      expect(await moved()).toBe(true);
    },
    60_000,
  );

  it('tell no secret in any line', async () => {
    for (const name of room.names) {
      const text = JSON.stringify(await room.lines(name));
      for (const value of [FIRST, SECOND, 'eyJ']) expect(text).not.toContain(value);
    }
  });
});
