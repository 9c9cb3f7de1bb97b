import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  /** Milliseconds of `performance.now()`: when it came in and when its answer was whole. */
  readonly began: number;
  readonly ended: number;
}

export interface CountingProxy {
  /** HOST:PORT. */
  readonly host: string;
  /** What came through since `clear`, in the order of the answers. */
  seen(): readonly SeenRequest[];
  connections(): number;
  clear(): void;
  setDelay(milliseconds: number): void;
  close(): Promise<void>;
}

/**
 * A reverse proxy before a registry on plain http, which holds each request back for a while, as a network would,
 * and writes down what came. Connecting costs nothing here, so programs that connect often look better than they
 * would over a real distance.
 */
export async function countingProxy(upstream: string): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const [hostname, port] = upstream.split(':') as [string, string];
  let seen: SeenRequest[] = [];
  let connections = 0;
  let delay = 0;

  const handle = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const began = performance.now();
    const forward = (): void => {
      const outgoing = request({
        hostname,
        port,
        agent,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      });
      outgoing.on('response', response => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
        answer.on('finish', () => {
          seen.push({
            method: incoming.method ?? '',
            path: (incoming.url ?? '').split('?')[0]!,
            status: response.statusCode ?? 502,
            began,
            ended: performance.now(),
          });
        });
      });
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
    };
    if (delay === 0) forward();
    else setTimeout(forward, delay);
  };

  const server = createServer(handle);
  server.on('connection', socket => {
    connections += 1;
    socket.setNoDelay(true);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => seen,
    connections: () => connections,
    clear() {
      seen = [];
      connections = 0;
    },
    setDelay(milliseconds) {
      delay = milliseconds;
    },
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
