import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ScriptedServer } from '../../../support/scripted-server.ts';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { guarded } from './guarded.ts';
import { failureOf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();
const basic = (login: string) => `Basic ${Buffer.from(login).toString('base64')}`;

/** Who may come in now, and what the environment says of it: a helper's password ends after some hours. */
let allowed: string;
let env: Record<string, string>;
let server: ScriptedServer;

beforeEach(async () => {
  allowed = 'me:monday';
  env = { LOGIN: 'me:monday' };
  server = await servers();
});

function changeTo(login: string): void {
  allowed = login;
  env.LOGIN = login;
}

const isAllowed = ({ headers }: IncomingMessage) => headers.authorization === basic(allowed);

describe('a login that has ended', () => {
  it('is looked for again where the registry takes passwords', async () => {
    server.always(`GET ${AT}`, (request: IncomingMessage, response: ServerResponse) => {
      if (isAllowed(request)) return answer(response);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end();
    });
    const { registry } = openScripted(server, { credentials: 'env:LOGIN', env });
    await read(registry);
    changeTo('me:tuesday');
    expect(await read(registry)).toMatchObject({ kind: 'found' });
  });

  it('is looked for again where a token server takes it', async () => {
    const tokens = new Set<string>();
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, tokens, served(image)));
    server.always('GET /token', (request: IncomingMessage, response: ServerResponse) => {
      if (!isAllowed(request)) return void response.writeHead(401).end();
      const token = `for-${allowed.replace(':', '-')}`;
      tokens.add(token);
      response.end(JSON.stringify({ token }));
    });
    const { registry } = openScripted(server, { credentials: 'env:LOGIN', env });
    await read(registry);
    tokens.clear();
    changeTo('me:tuesday');
    expect(await read(registry)).toMatchObject({ kind: 'found' });
  });

  it('is sent once where there is no other', async () => {
    server.always(`GET ${AT}`, guarded(`http://${server.host}/token`, new Set(), served(image)));
    server.always('GET /token', (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(401).end();
    });
    const { registry } = openScripted(server, { credentials: 'env:LOGIN', env });
    for (let time = 1; time <= 2; time++) {
      const failure = await failureOf(read(registry));
      expect(failure.code).toBe('unauthorized');
      expect(server.seen.filter(({ line }) => line.startsWith('GET /token'))).toHaveLength(time);
    }
  });
});

function answer(response: ServerResponse): void {
  const { headers, body } = served(image);
  response.writeHead(200, headers).end(body);
}
