import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { secretLogin } from '../../../../lib/registry/secrets/secret-login.ts';
import { type ScriptedServer, scriptedServers } from '../../../support/scripted-server.ts';
import { guarded } from '../oci/guarded.ts';
import { failureOf, imageOf, openScripted, read, served } from '../oci/scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const POINTER = 'secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub';
const image = imageOf('right');
const servers = scriptedServers();
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

/** What the secret holds, how often it was read, and what time it is; each read is a little later than the last. */
let held: string;
let reads: number;
let time: number;
let server: ScriptedServer;

beforeEach(async () => {
  held = 'me:monday';
  reads = 0;
  time = 1_000_000;
  server = await servers();
});

function open() {
  const now = () => ++time;
  const stored = async () => {
    reads += 1;
    return held;
  };
  return openScripted(server, { credentials: secretLogin(POINTER, stored, now), now }).registry;
}

/** The logins that were sent, in order. */
const sent = () =>
  server.seen.map(({ headers }) => headers.authorization).filter(header => header?.startsWith('Basic '));

function letIn(allowed: () => string): void {
  server.always(`GET ${AT}`, ({ headers }: IncomingMessage, response: ServerResponse) => {
    if (headers.authorization !== basic(allowed()))
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    const { headers: good, body } = served(image);
    response.writeHead(200, good).end(body);
  });
}

describe('the login of a secret', () => {
  it('is read once, however many requests there are, until its minutes have passed', async () => {
    letIn(() => 'me:monday');
    const registry = open();
    for (let times = 0; times < 5; times++) expect(await read(registry)).toMatchObject({ kind: 'found' });
    expect(reads).toBe(1);
    time += 5 * 60_000;
    await read(registry);
    expect(reads).toBe(2);
  });

  it('is read anew as soon as it is refused, where it was rotated', async () => {
    letIn(() => held);
    const registry = open();
    await read(registry);
    held = 'me:tuesday';
    expect(await read(registry)).toMatchObject({ kind: 'found' });
    expect(reads).toBe(2);
  });

  it('is not sent again where it is refused and the secret still holds it, or the account would be locked', async () => {
    let allowed = 'me:monday';
    letIn(() => allowed);
    const registry = open();
    await read(registry);
    allowed = 'me:tuesday';
    const before = sent().length;
    const failure = await failureOf(read(registry));
    expect(failure).toMatchObject({
      code: 'unauthorized',
      tried: `credentials of ${POINTER} refused`,
      next: expect.stringMatching(/^aws secretsmanager put-secret-value --secret-id arn:\S+:hub /),
    });
    expect(sent().length - before).toBe(1);
  });

  it('is not sent again to a token server either', async () => {
    const tokens = new Set(['first']);
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, tokens, served(image)));
    let takes = true;
    server.always('GET /token', (_: IncomingMessage, response: ServerResponse) => {
      if (takes) return void response.end(JSON.stringify({ token: 'first' }));
      response.writeHead(401).end();
    });
    const registry = open();
    await read(registry);
    tokens.clear();
    takes = false;
    const before = sent().length;
    const failure = await failureOf(read(registry));
    expect(failure).toMatchObject({
      code: 'unauthorized',
      next: expect.stringContaining('put-secret-value'),
    });
    expect(sent().length - before).toBe(1);
  });
});
