import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect } from '@jest/globals';

/** What one request gets: an answer, or what the script does with it instead. */
export type Scripted =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array | object;
    }
  | ((request: IncomingMessage & { readonly bytes: Buffer }, response: ServerResponse) => void)
  /** Acts before the request's body is read. */
  | { readonly early: (request: IncomingMessage, response: ServerResponse) => void };

export interface SeenRequest {
  /** `GET /v2/app/tags/list?n=1000`. */
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface ScriptedServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** All requests up to now, unexpected ones too. */
  readonly seen: readonly SeenRequest[];
  /** Answers the next requests with this line, one script each, in order; a line with no query matches any. */
  on(line: string, ...scripts: readonly Scripted[]): ScriptedServer;
  /** Answers all requests with this line so. */
  always(line: string, script: Scripted): ScriptedServer;
}

/**
 * Servers that answer what the test says and nothing else. After each test they are stopped, and the test fails where
 * a request came that nobody expected, or one did not come that was.
 */
export function scriptedServers(): (tls?: { key: string; cert: string }) => Promise<ScriptedServer> {
  const running: { stop(): Promise<void>; check(): void }[] = [];
  afterEach(async () => {
    const ended = running.splice(0);
    await Promise.all(ended.map(server => server.stop()));
    for (const server of ended) server.check();
  });
  return async tls => {
    const server = await start(tls);
    running.push(server);
    return server;
  };
}

async function start(tls?: { key: string; cert: string }) {
  const expected = new Map<string, Scripted[]>();
  const standing = new Map<string, Scripted>();
  const seen: SeenRequest[] = [];
  const unexpected: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const line = `${request.method} ${request.url}`;
    const short = line.replace(/\?.*/, '');
    const entry = { line, headers: request.headers, body: Buffer.alloc(0) };
    seen.push(entry);
    const script =
      (expected.get(line) ?? expected.get(short))?.shift() ?? standing.get(line) ?? standing.get(short);
    if (script && 'early' in script) return script.early(request, response);
    try {
      for await (const part of request) entry.body = Buffer.concat([entry.body, part]);
    } catch {
      return;
    }
    if (script === undefined) {
      unexpected.push(line);
      response.writeHead(418).end();
    } else if (typeof script === 'function') {
      script(Object.assign(request, { bytes: entry.body }), response);
    } else answer(response, script);
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const scripted = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    on(line: string, ...scripts: readonly Scripted[]) {
      expected.set(line, [...(expected.get(line) ?? []), ...scripts]);
      return scripted;
    },
    always(line: string, script: Scripted) {
      standing.set(line, script);
      return scripted;
    },
    async stop() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    check() {
      const left = [...expected].flatMap(([line, scripts]) => scripts.map(() => line));
      expect({ unexpected, 'did not come': left }).toEqual({ unexpected: [], 'did not come': [] });
    },
  };
  return scripted;
}

function answer(response: ServerResponse, script: Extract<Scripted, { readonly status?: number }>): void {
  const { status = 200, headers = {}, body = '' } = script;
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  response.writeHead(status, isText ? headers : { 'content-type': 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}
