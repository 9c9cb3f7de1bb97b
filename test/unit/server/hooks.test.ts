import { describe, expect, it } from '@jest/globals';
import type { ParsedEvents } from '../../../lib/events/parsed-events.ts';
import { HOOK_LIMIT, hookRoutes } from '../../../lib/server/hooks.ts';
import { eventFixture, put, spoiltEvent } from '../../support/event-fixture.ts';

const TOKEN = 'a-token-that-nobody-must-ever-see-0123456789';
const OWN_TOKEN = 'the-own-token-of-one-registry-0123456789';

function setUp() {
  const taken: (readonly [string, ParsedEvents])[] = [];
  const app = hookRoutes({
    hooks: new Map([
      ['local', { host: '127.0.0.1:5001' }],
      ['lan', { host: 'registry.lan:5000' }],
      ['contoso', { host: 'contoso.azurecr.io', token: OWN_TOKEN, subscription: 'archweave' }],
    ]),
    token: TOKEN,
    onEvents: (name, events) => taken.push([name, events]),
    now: () => Date.parse('2026-11-22T10:00:00Z'),
  });
  const send = (path: string, init: RequestInit = {}) =>
    app.request(`http://127.0.0.1:5100${path}`, {
      method: 'POST',
      body: eventFixture('distribution-push'),
      ...init,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': 'application/vnd.docker.distribution.events.v1+json',
        ...init.headers,
      },
      duplex: 'half',
    } as RequestInit);
  return { taken, send };
}

describe('POST /hooks/NAME', () => {
  it("answers 202 once the events are taken, as events of the hook's own registry", async () => {
    const { taken, send } = setUp();
    const answer = await send('/hooks/lan');
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 1, ignored: 0 }]);
    expect(taken).toEqual([
      [
        'lan',
        {
          pushes: [expect.objectContaining({ registry: 'registry.lan:5000', tag: '1.4.0-amd64' })],
          ignored: [],
        },
      ],
    ]);
  });

  it.each([
    ...['harbor-push', 'harbor-cloud-event', 'zot-updated'],
    ...['acr-push', 'event-grid-push', 'event-grid-cloud-event'],
  ])('takes %s too', async name => {
    const { taken, send } = setUp();
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    expect((await send('/hooks/local', { body: eventFixture(name), headers })).status).toBe(202);
    expect(taken[0]?.[1].pushes).toEqual([expect.objectContaining({ registry: '127.0.0.1:5001' })]);
  });

  it('takes a CloudEvent in binary mode, with the time of arrival where it has none', async () => {
    const { taken, send } = setUp();
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': '7',
      'ce-type': 'zotregistry.image.updated',
    };
    await send('/hooks/local', { body: spoiltEvent('zot-updated', event => event.data), headers });
    expect(taken[0]?.[1].pushes[0]).toMatchObject({ id: '7', time: '2026-11-22T10:00:00.000Z' });
  });

  it('counts what is ignored', async () => {
    const { send } = setUp();
    const answer = await send('/hooks/local', { body: eventFixture('distribution-blob-push') });
    expect([answer.status, await answer.json()]).toEqual([202, { accepted: 0, ignored: 1 }]);
  });

  it.each<[string, string, RequestInit, number, string]>([
    ['another method', '/hooks/local', { method: 'GET', body: null }, 405, 'bad-argument'],
    ['no token', '/hooks/local', { headers: { authorization: '' } }, 401, 'unauthorized'],
    ['a wrong token', '/hooks/local', { headers: { authorization: 'Bearer x' } }, 401, 'unauthorized'],
    ['a password', '/hooks/local', { headers: { authorization: 'Basic YTpi' } }, 401, 'unauthorized'],
    [
      'no token for a name that is not there',
      '/hooks/x',
      { headers: { authorization: '' } },
      401,
      'unauthorized',
    ],
    ['a name that is not there', '/hooks/x', {}, 404, 'not-found'],
    ['no name', '/hooks/', {}, 404, 'not-found'],
    ['more than a name', '/hooks/local/more', {}, 404, 'not-found'],
    ['a form', '/hooks/local', { headers: { 'content-type': 'text/plain' } }, 415, 'bad-event'],
    ['a compressed body', '/hooks/local', { headers: { 'content-encoding': 'gzip' } }, 415, 'bad-event'],
    ['no JSON', '/hooks/local', { body: 'x' }, 400, 'bad-event'],
    ['an empty body', '/hooks/local', { body: '' }, 400, 'bad-event'],
    ['another dialect', '/hooks/local', { body: '{}' }, 400, 'bad-event'],
    ['a long body', '/hooks/local', { body: new Uint8Array(HOOK_LIMIT + 1) }, 413, 'too-large'],
  ])('refuses %s', async (_, path, init, status, code) => {
    const { taken, send } = setUp();
    const answer = await send(path, init);
    expect([answer.status, (await answer.json()) as object]).toEqual([
      status,
      { error: { code, message: expect.any(String) } },
    ]);
    expect(taken).toEqual([]);
  });

  it("takes a registry's own secret at its hook and nowhere else", async () => {
    const { send } = setUp();
    const own = { authorization: `Bearer ${OWN_TOKEN}`, 'content-type': 'application/json' };
    const body = eventFixture('acr-push');
    expect((await send('/hooks/contoso', { body, headers: own })).status).toBe(202);
    expect((await send('/hooks/local', { body, headers: own })).status).toBe(401);
    expect((await send('/hooks/contoso', { body })).status).toBe(401);
  });

  it("answers an event subscription's introduction with its code and 200", async () => {
    const { send } = setUp();
    const body = eventFixture('event-grid-validation');
    const headers = { 'aeg-event-type': 'SubscriptionValidation' };
    const answer = await send('/hooks/lan', { body, headers });
    const validationResponse = '512d38b6-c7b8-40c8-89fe-f46f9e9622b6';
    expect([answer.status, await answer.json()]).toEqual([200, { validationResponse }]);
  });

  it('answers the subscription that is expected, whatever its case, and no other', async () => {
    const { send } = setUp();
    const introduce = async (name?: string) => {
      const headers: Record<string, string> = { authorization: `Bearer ${OWN_TOKEN}` };
      if (name !== undefined) headers['aeg-subscription-name'] = name;
      return (await send('/hooks/contoso', { body: eventFixture('event-grid-validation'), headers })).status;
    };
    expect([await introduce('ARCHWEAVE'), await introduce('evil'), await introduce()]).toEqual([
      200, 403, 403,
    ]);
  });

  it('tells Event Grid, without asking who it is, that it may send events, and nobody else', async () => {
    const { taken, send } = setUp();
    const ask = (origin: string, path = '/hooks/lan') =>
      send(path, {
        method: 'OPTIONS',
        body: null,
        headers: { authorization: '', 'webhook-request-origin': origin, 'webhook-request-rate': '1000' },
      });
    const answer = await ask('eventgrid.azure.net');
    expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([
      200,
      'eventgrid.azure.net',
    ]);
    expect([answer.headers.get('webhook-allowed-rate'), answer.headers.get('allow')]).toEqual([
      '600',
      'POST',
    ]);
    expect((await ask('eventgrid.azure.net', '/hooks/no-such-name')).status).toBe(200);
    for (const origin of ['evil.example', 'eventgrid.azure.net.evil.example', '*']) {
      const refused = await ask(origin);
      expect([refused.status, refused.headers.get('webhook-allowed-origin')]).toEqual([405, null]);
    }
    expect(taken).toEqual([]);
  });

  it('says how to ask', async () => {
    const { send } = setUp();
    expect((await send('/hooks/local', { method: 'DELETE', body: null })).headers.get('allow')).toBe('POST');
    const answer = await send('/hooks/local', { headers: { authorization: '' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="archweave"');
  });

  it('names the field of a bad event and repeats nothing of it', async () => {
    const { send } = setUp();
    const body = spoiltEvent(
      'distribution-push',
      put('events.0.target.repository', '<script>secret</script>'),
    );
    const text = await (await send('/hooks/local', { body })).text();
    expect(text).toContain('events[0].target.repository is no name of a repository');
    expect(text).not.toContain('secret');
  });

  it('never repeats the token', async () => {
    const { send } = setUp();
    for (const [path, init] of [
      ['/hooks/local', {}],
      ['/hooks/x', {}],
      ['/hooks/local', { body: TOKEN }],
      ['/hooks/local', { headers: { authorization: `Basic ${TOKEN}` } }],
    ] as const) {
      const answer = await send(path, init);
      expect(`${await answer.text()} ${JSON.stringify([...answer.headers])}`).not.toContain(TOKEN);
    }
  });

  it('stops reading a body without a length where it gets too long', async () => {
    const { send } = setUp();
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    expect((await send('/hooks/local', { body })).status).toBe(413);
    expect(sent).toBeLessThan(HOOK_LIMIT * 1.5);
  });

  it('answers 503 without a word about why where the events cannot be taken', async () => {
    const app = hookRoutes({
      hooks: new Map([['local', { host: 'h' }]]),
      token: TOKEN,
      now: () => 0,
      onEvents: () => {
        throw new Error('the disk /secret/path is full');
      },
    });
    const answer = await app.request('/hooks/local', {
      method: 'POST',
      body: eventFixture('distribution-push'),
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain('secret');
  });
});
