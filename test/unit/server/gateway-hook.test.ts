import { describe, expect, it } from '@jest/globals';
import type { ParsedEvents } from '../../../lib/events/parsed-events.ts';
import { createGatewayHook, GATEWAY_LIMIT, type GatewayRequest } from '../../../lib/server/gateway-hook.ts';
import { eventFixture } from '../../support/event-fixture.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';
const REGISTRIES = [
  { name: 'contoso', host: 'contoso.azurecr.io', events: 'webhook', hook: 'secretsmanager:arn' },
  {
    name: 'grid',
    host: 'grid.azurecr.io',
    events: 'event-grid',
    audience: 'api://archweave',
    tenant: TENANT,
  },
  { name: 'gov', host: 'gov.azurecr.us', events: 'event-grid', audience: 'api://archweave', tenant: TENANT },
  { name: 'china', host: 'china.azurecr.cn', events: 'event-grid', audience: 'api://archweave' },
  { name: 'polled', host: 'polled.azurecr.io', events: 'poll' },
  { name: 'ecr', host: '123456789012.dkr.ecr.eu-west-1.amazonaws.com' },
] as const;
const CLAIMS = { azp: GRID, aud: 'api://archweave', tid: TENANT };

function setUp({ fails = false } = {}) {
  const taken: ParsedEvents[] = [];
  const answer = createGatewayHook({
    registries: REGISTRIES,
    take: async events => {
      if (fails) throw new Error('the queue is away');
      taken.push(events);
    },
    now: () => Date.parse('2026-11-22T10:00:00Z'),
  });
  const send = (
    name: string,
    authorizer: GatewayRequest['requestContext']['authorizer'],
    { method = 'POST', body = text('acr-push'), ...more }: Partial<GatewayRequest> & { method?: string } = {},
  ) =>
    answer({
      rawPath: `/hooks/${name}`,
      headers: { 'content-type': 'application/json' },
      body,
      isBase64Encoded: false,
      requestContext: { http: { method }, authorizer },
      ...more,
    });
  return { taken, send };
}

const text = (name: string) => Buffer.from(eventFixture(name)).toString();
const opened = (hooks: unknown) => ({ lambda: { hooks } });
const shown = (claims: object) => ({ jwt: { claims: { ...CLAIMS, ...claims } } });

describe('a hook behind API Gateway', () => {
  it("takes a webhook whose secret opens it, as an event of the hook's own registry", async () => {
    const { taken, send } = setUp();
    expect(await send('contoso', opened('other,contoso'))).toEqual({
      status: 202,
      body: { accepted: 1, ignored: 0 },
    });
    expect(taken[0]?.pushes).toEqual([expect.objectContaining({ registry: 'contoso.azurecr.io' })]);
  });

  it('reads a body that API Gateway has encoded', async () => {
    const { send } = setUp();
    const body = Buffer.from(eventFixture('acr-push')).toString('base64');
    expect((await send('contoso', opened('contoso'), { body, isBase64Encoded: true })).status).toBe(202);
  });

  it('takes Event Grid with its own token, of either version', async () => {
    const { send } = setUp();
    const body = text('event-grid-push');
    const { azp: _, ...claims } = CLAIMS;
    expect((await send('grid', shown({}), { body })).status).toBe(202);
    expect((await send('grid', { jwt: { claims: { ...claims, appid: GRID } } }, { body })).status).toBe(202);
    const government = { azp: '54316b56-3481-47f9-8f30-0300f5542a7b' };
    expect((await send('gov', shown(government), { body })).status).toBe(202);
  });

  it.each<[string, string, GatewayRequest['requestContext']['authorizer']]>([
    ['nobody was checked', 'contoso', undefined],
    ['the secret opens another hook', 'contoso', opened('other,contoso2')],
    ['the secret opens no hook', 'contoso', opened('')],
    ['what the authorizer found is no text', 'contoso', opened({ contoso: true })],
    ['a token comes to a webhook', 'contoso', shown({})],
    ['a secret comes to a hook of tokens', 'grid', opened('grid')],
    ['a token is of a member of the tenant', 'grid', shown({ azp: '99999999-2222-4333-8444-555555555555' })],
    ['a token is for another application', 'grid', shown({ aud: 'api://other' })],
    ['a token is of another tenant', 'grid', shown({ tid: '99999999-2222-4333-8444-555555555555' })],
    ["a token is of another cloud's Event Grid", 'gov', shown({})],
    ['nobody knows who Event Grid is there', 'china', shown({})],
    ['the registry is polled', 'polled', opened('polled')],
    ['the registry announces its pushes elsewhere', 'ecr', opened('ecr')],
    ['there is no such hook', 'nobody', opened('nobody')],
    ['the name goes on', 'contoso/more', opened('contoso')],
  ])('answers 401 and takes nothing where %s', async (_, name, authorizer) => {
    const { taken, send } = setUp();
    expect(await send(name, authorizer)).toEqual({
      status: 401,
      body: { error: { code: 'unauthorized', message: expect.any(String) } },
    });
    expect(taken).toEqual([]);
  });

  it('tells Event Grid that it may come, without an authorizer', async () => {
    const { send } = setUp();
    const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
    expect(await send('grid', undefined, { method: 'OPTIONS', headers })).toMatchObject({ status: 200 });
  });

  it('answers other methods 405, and what is too long 413', async () => {
    const { send } = setUp();
    expect((await send('contoso', opened('contoso'), { method: 'GET' })).status).toBe(405);
    const long = ' '.repeat(GATEWAY_LIMIT + 1);
    expect((await send('contoso', opened('contoso'), { body: long })).status).toBe(413);
    expect((await send('contoso', opened('contoso'), { body: '' })).status).toBe(400);
  });

  it('has the sender come again where the queue takes nothing', async () => {
    const { send } = setUp({ fails: true });
    expect(await send('contoso', opened('contoso'))).toMatchObject({ status: 503 });
  });
});
