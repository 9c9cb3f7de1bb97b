import { describe, expect, it } from '@jest/globals';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { challenge, guarded } from './guarded.ts';
import { failureOf, fetchAsIf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();
const env = { LOGIN: 'somebody:s3cret' };
const known = { credentials: 'env:LOGIN', env };
const BASIC = `Basic ${Buffer.from(env.LOGIN).toString('base64')}`;

describe('a refresh token', () => {
  const source = async () => ({ login: { identityToken: 'refresh-me' }, tried: ['a test'] });

  it('is posted to the token server', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(['t1']), served(image)));
    server.on('POST /token', { body: { access_token: 't1' } });
    expect(await read(openScripted(server, { credentials: source }).registry)).toMatchObject({
      kind: 'found',
    });
    const form = new URLSearchParams(server.seen[1]!.body.toString());
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-me',
      service: 'reg',
      scope: 'repository:app:pull',
    });
  });

  it('is posted again, whole, where the token server failed', async () => {
    const server = await servers();
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(['t1']), served(image)));
    server.on('POST /token', { status: 503 }, { body: { access_token: 't1' } });
    await read(openScripted(server, { credentials: source }).registry);
    const forms = server.seen
      .filter(({ line }) => line.startsWith('POST'))
      .map(({ body }) => body.toString());
    expect(forms).toHaveLength(2);
    expect(forms[1]).toBe(forms[0]);
  });

  it('is looked for again where it says that it ends, and where looking failed', async () => {
    const server = await servers();
    let clock = 1_000;
    let looked = 0;
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(['t1']), served(image)));
    server.always('POST /token', { body: { access_token: 't1', expires_in: 10 } });
    const credentials = async () => {
      looked += 1;
      if (looked === 1) throw new Error('not now');
      return {
        login: { identityToken: `refresh-${looked}`, until: 61_000 * (looked - 1) },
        tried: ['a test'],
      };
    };
    const { registry } = openScripted(server, { credentials, now: () => clock });
    await expect(read(registry)).rejects.toThrow();
    await read(registry);
    clock += 20_000;
    await read(registry);
    expect(looked).toBe(2);
    clock += 60_000;
    await read(registry);
    expect(looked).toBe(3);
    expect(
      server.seen
        .filter(({ line }) => line.startsWith('POST'))
        .at(-1)!
        .body.toString(),
    ).toContain('refresh-3');
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await servers();
    const server = await servers();
    server.on(`GET ${AT}`, challenge(`http://${server.host}/token`));
    server.on('POST /token', { status: 307, headers: { location: `http://${elsewhere.host}/` } });
    await failureOf(read(openScripted(server, { credentials: source }).registry));
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a token server that does not say how long its tokens last', () => {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('is asked again after a minute, or when the token itself says', async () => {
    for (const [token, lasts] of [
      ['opaque', 60],
      // Its own clock is years behind: what counts is how long it lasts.
      [`${encoded({})}.${encoded({ iat: 1_000_000_000, exp: 1_000_004_500 })}.x`, 4_500],
    ] as const) {
      const server = await servers();
      let clock = Date.now();
      server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set([token]), served(image)));
      server.always('GET /token', { body: { access_token: token } });
      const { registry } = openScripted(server, { ...known, now: () => clock });
      const asked = () => server.seen.filter(({ line }) => line.startsWith('GET /token')).length;
      await read(registry);
      clock += (lasts - 15) * 1000;
      await read(registry);
      expect(asked()).toBe(1);
      clock += 15_000;
      await read(registry);
      expect(asked()).toBe(2);
    }
  });
});

describe('a token server elsewhere', () => {
  it('is given the login where the registry names it over https', async () => {
    const auth = (await servers()).on('GET /token', { body: { token: 't1' } });
    const server = await servers();
    server.always(`GET ${AT}`, guarded('https://auth.example/token', new Set(['t1']), served(image)));
    const fetch = fetchAsIf({ 'registry.example': server, 'auth.example': auth });
    await read(openScripted({ host: 'registry.example' }, { ...known, fetch }).registry);
    expect(auth.seen[0]!.headers.authorization).toBe(BASIC);
  });

  it('is not given the login where it would go there in the clear', async () => {
    const auth = (await servers()).on('GET /token', { status: 401 });
    const server = (await servers()).on(`GET ${AT}`, challenge('http://auth.example/token'));
    const fetch = fetchAsIf({ 'registry.example': server, 'auth.example': auth });
    const failure = await failureOf(
      read(openScripted({ host: 'registry.example' }, { ...known, fetch }).registry),
    );
    expect(failure.code).toBe('unauthorized');
    expect(auth.seen[0]!.headers.authorization).toBeUndefined();
    expect(auth.seen[0]!.line).not.toContain('somebody');
    expect(failure.tried).toBe('auth.example is plain http and was told no login');
  });

  it('is given no refresh token in the clear', async () => {
    const auth = (await servers()).on('GET /token', { status: 401 });
    const server = (await servers()).on(`GET ${AT}`, challenge('http://auth.example/token'));
    const fetch = fetchAsIf({ 'registry.example': server, 'auth.example': auth });
    const credentials = async () => ({ login: { identityToken: 'refresh-me' }, tried: [] });
    await failureOf(read(openScripted({ host: 'registry.example' }, { credentials, fetch }).registry));
    expect(auth.seen[0]!.body.toString() + auth.seen[0]!.line).not.toContain('refresh-me');
  });

  it('loses the login on a redirect of its own', async () => {
    const third = (await servers()).on('GET /token', { body: { token: 't1' } });
    const auth = (await servers()).on('GET /token', {
      status: 302,
      headers: { location: 'https://third.example/token' },
    });
    const server = await servers();
    server.always(`GET ${AT}`, guarded('https://auth.example/token', new Set(['t1']), served(image)));
    const fetch = fetchAsIf({ 'registry.example': server, 'auth.example': auth, 'third.example': third });
    await read(openScripted({ host: 'registry.example' }, { ...known, fetch }).registry);
    expect(auth.seen[0]!.headers.authorization).toBe(BASIC);
    expect(third.seen[0]!.headers.authorization).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:9/token', 'the machine that archweave runs on'],
    ['https://user:pass@auth.example/token', 'an address with credentials in it'],
    ['ftp://auth.example/token', 'no address'],
    ['', 'no address'],
  ])('at %j is not asked for a far registry', async (realm, why) => {
    const server = (await servers()).on(`GET ${AT}`, challenge(realm));
    const fetch = fetchAsIf({ 'registry.example': server });
    const failure = await failureOf(
      read(openScripted({ host: 'registry.example' }, { ...known, fetch }).registry),
    );
    expect(failure.code).toBe('not-a-registry');
    expect(failure.reason).toContain(why);
  });
});

describe('what is told of a failure', () => {
  it('holds no login, no token and no query, whatever the registry repeats', async () => {
    const server = await servers();
    const realm = `http://${server.host}/token?key=in-the-query`;
    server.on(`GET ${AT}`, challenge(realm));
    server.on('GET /token', { body: { token: 'token-text' } });
    server.on(`GET ${AT}`, (request, response) => {
      const message = `no entry for ${request.headers.authorization} ${env.LOGIN} ${BASIC}`;
      response.writeHead(403).end(JSON.stringify({ errors: [{ code: 'DENIED', message }] }));
    });
    const { registry, lines } = openScripted(server, known);
    const failure = await failureOf(read(registry));
    expect(failure.code).toBe('forbidden');
    const told = `${JSON.stringify({ ...failure, message: failure.message })}${failure.stack}${JSON.stringify(lines)}`;
    for (const secret of ['s3cret', 'token-text', BASIC.slice(6), 'in-the-query'])
      expect(told).not.toContain(secret);
  });

  it('is one line of harmless text', async () => {
    const message = `\u001b[31mred\u202e\n\nnext ${'x'.repeat(500)}`;
    const server = (await servers()).on(`GET ${AT}`, {
      status: 418,
      body: { errors: [{ code: 'TEAPOT', message }] },
    });
    const { reason } = await failureOf(read(openScripted(server).registry));
    expect(reason).toMatch(/^the registry refuses it \(418: TEAPOT: \[31mred next x+…\)$/);
    expect(reason.length).toBeLessThan(240);
  });
});
