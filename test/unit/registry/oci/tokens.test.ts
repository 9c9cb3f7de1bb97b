import { describe, expect, it } from '@jest/globals';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { challenge, guarded } from './guarded.ts';
import { failureOf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();
const env = { LOGIN: 'somebody:s3cret' };
const known = { credentials: 'env:LOGIN', env };
const BASIC = `Basic ${Buffer.from(env.LOGIN).toString('base64')}`;

describe('a registry that asks for a token', () => {
  it('gets one for what is wanted, with the login, and keeps it', async () => {
    const server = await servers();
    const realm = `http://${server.host}/token`;
    server.always(`GET ${AT}`, guarded(realm, new Set(['t1']), served(image)));
    server.on('GET /token', { body: { token: 't1', expires_in: 300 } });
    const { registry } = openScripted(server, known);
    expect(await read(registry)).toMatchObject({ kind: 'found' });
    await read(registry);
    expect(server.seen.map(({ line }) => line.replace(/\?.*/, ''))).toEqual([
      `GET ${AT}`,
      'GET /token',
      `GET ${AT}`,
      `GET ${AT}`,
    ]);
    const query = new URL(server.seen[1]!.line.slice(4), realm).searchParams;
    expect(query.getAll('scope')).toEqual(['repository:app:pull']);
    expect(query.get('service')).toBe('reg');
    expect(server.seen[1]!.headers.authorization).toBe(BASIC);
    expect(server.seen[3]!.headers.authorization).toBe('Bearer t1');
  });

  it('gets one without a login where there is none', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(['anon']), served(image)));
    server.on('GET /token', { body: { access_token: 'anon' } });
    expect(await read(openScripted(server).registry)).toMatchObject({ kind: 'found' });
    expect(server.seen[1]!.headers.authorization).toBeUndefined();
  });

  it('gets one token for all that wait for it', async () => {
    const server = await servers();
    const tags = Array.from({ length: 8 }, (_, run) => `t${run}`);
    for (const tag of tags)
      server.always(
        `GET /v2/app/manifests/${tag}`,
        guarded(`http://${server.host}/token`, new Set(['t1']), served(image)),
      );
    server.on('GET /token', (_, response) => {
      setTimeout(() => response.end('{"token":"t1"}'), 50);
    });
    const readings = await openScripted(server).registry.readManifests('app', tags);
    expect([...readings.values()].map(({ kind }) => kind)).toEqual(tags.map(() => 'found'));
  });

  it('gets another for what the first does not allow, asking for both', async () => {
    const server = await servers();
    const realm = `http://${server.host}/token`;
    server.always(`GET ${AT}`, guarded(realm, new Set(['pull']), served(image)));
    server.always(
      `PUT ${AT}`,
      guarded(realm, new Set(['push']), { status: 201 }, 'repository:app:push,pull'),
    );
    server.on('GET /token', { body: { token: 'pull' } }, { body: { token: 'push' } });
    const { registry } = openScripted(server, known);
    await read(registry);
    await registry.writeManifest('app', '1.0', image);
    const asked = server.seen.filter(({ line }) => line.startsWith('GET /token'));
    expect(asked.map(({ line }) => new URL(line.slice(4), realm).searchParams.getAll('scope'))).toEqual([
      ['repository:app:pull'],
      ['repository:app:pull,push'],
    ]);
  });

  it('gets a new one when the old one has expired, without trying the old one', async () => {
    let now = 0;
    const server = await servers();
    const tokens = new Set(['t1', 't2']);
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, tokens, served(image)));
    server.on('GET /token', { body: { token: 't1', expires_in: 100 } }, { body: { token: 't2' } });
    const { registry } = openScripted(server, { ...known, now: () => now });
    await read(registry);
    now = 89_000;
    await read(registry);
    now = 91_000;
    await read(registry);
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      BASIC,
      'Bearer t1',
      'Bearer t1',
      BASIC,
      'Bearer t2',
    ]);
  });

  it('renews once a token that the registry does not take any more', async () => {
    const server = await servers();
    const tokens = new Set(['t1']);
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, tokens, served(image)));
    server.on('GET /token', { body: { token: 't1' } }, { body: { token: 't2' } });
    const { registry } = openScripted(server, known);
    await read(registry);
    tokens.clear();
    tokens.add('t2');
    expect(await read(registry)).toMatchObject({ kind: 'found' });
  });

  it('renews it for a write under a tag as well, since that was not taken', async () => {
    const server = await servers();
    const tokens = new Set(['t1']);
    const realm = `http://${server.host}/token`;
    server.always(`PUT ${AT}`, guarded(realm, tokens, { status: 201 }));
    server.on('GET /token', { body: { token: 't1' } }, { body: { token: 't2' } });
    const { registry } = openScripted(server, known);
    await registry.writeManifest('app', '1.0', image);
    tokens.delete('t1');
    tokens.add('t2');
    await registry.writeManifest('app', '1.0', image);
    expect(server.seen.at(-1)!.body).toEqual(Buffer.from(image.bytes));
  });

  it('is believed when it refuses the renewed token too', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, challenge(`http://${server.host}/token`));
    server.on('GET /token', { body: { token: 't1' } });
    const failure = await failureOf(read(openScripted(server, known).registry));
    expect(failure).toMatchObject({ code: 'unauthorized', status: 401, next: `docker login ${server.host}` });
    expect(failure.tried).toBe('credentials of env:LOGIN refused');
    expect(server.seen).toHaveLength(3);
  });

  it('says where logins were looked for', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } });
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.tried).toBe(
      'no credentials in archweave.yaml; ~/.docker/config.json is not there; anonymous refused',
    );
    expect(server.seen).toHaveLength(1);
  });

  it('says the token server where that refuses', async () => {
    const server = await servers();
    server.on(`GET ${AT}`, challenge(`http://${server.host}/token`));
    server.on('GET /token', { status: 401, body: { details: `wrong ${env.LOGIN}` } });
    const failure = await failureOf(read(openScripted(server, known).registry));
    expect(failure).toMatchObject({ code: 'unauthorized', where: `GET http://${server.host}/token -> 401` });
    expect(failure.attempt).toBe(`read ${server.host}/app:1.0`);
  });

  it.each([
    ['no JSON', '{"token":'],
    ['no token', '{}'],
    ['null', 'null'],
    ['a token that is no header', JSON.stringify({ token: 'two\nlines' })],
    ['more than 1 MiB', ' '.repeat(1024 * 1024 + 1)],
  ])('fails clearly where its token server sends %s', async (_, body) => {
    const server = await servers();
    server.on(`GET ${AT}`, challenge(`http://${server.host}/token`)).on('GET /token', { body });
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.code).toBe('not-a-registry');
    expect(failure.reason).toContain('token server');
    expect(JSON.stringify(failure)).not.toContain('two');
  });

  it('waits for a token server that is busy', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(['t1']), served(image)));
    server.on(
      'GET /token',
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 503 },
      { body: { token: 't1' } },
    );
    const { registry, waits } = openScripted(server);
    await read(registry);
    expect(waits).toEqual([3_750, 400]);
  });
});
