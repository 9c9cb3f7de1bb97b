import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** What happens to an answer on its way. `answer` never reaches the registry, all others do unless they say so. */
export type Fault =
  | {
      readonly answer: {
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      };
    }
  /** The connection ends and the registry was never asked. */
  | 'reset before'
  /** The registry did what it was asked, and the connection ends without an answer. */
  | 'answer lost'
  | 'reset in the body'
  /** Half of the body, as if that were all. */
  | 'cut short'
  | 'a byte at a time'
  /** Another digest in the header. */
  | 'wrong digest'
  /** Another byte in the body, as long as before, and the header as it was. */
  | 'wrong bytes'
  /** The body goes on and on. */
  | 'endless';

export interface Passing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface FaultProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** All that came, whatever became of it. */
  readonly seen: readonly Passing[];
  /** From now on `fault` befalls what `when` picks: `times` times, or until `heal`. */
  hurt(when: (passing: Passing) => boolean, fault: Fault, times?: number): void;
  heal(): void;
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  /** Looks at each request first; what it answers is the answer. */
  readonly guard?: (passing: Passing, host: string) => Extract<Fault, object>['answer'] | undefined;
}

/** Milliseconds between two bytes of a slow answer. */
const SLOW = 100;

interface Hurt {
  readonly when: (passing: Passing) => boolean;
  readonly fault: Fault;
  left: number;
}

/** A real server in front of a registry, which spoils chosen answers and leaves all others alone. */
export async function startFaultProxy(target: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const seen: Passing[] = [];
  let hurts: Hurt[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part);
    } catch {
      // Who asked has gone away in the middle.
      return;
    }
    const { method = '', url = '', headers } = request;
    const passing = { method, path: url, headers, body: Buffer.concat(parts) };
    seen.push(passing);
    const refusal = options.guard?.(passing, proxy.host);
    if (refusal) return respond(response, refusal);
    const hurt = hurts.find(({ when, left }) => left > 0 && when(passing));
    if (hurt) hurt.left -= 1;
    if (hurt?.fault === 'reset before') return void request.socket.resetAndDestroy();
    if (typeof hurt?.fault === 'object') return respond(response, hurt.fault.answer);
    const answer = await forward(target, passing).catch(() => undefined);
    if (answer === undefined) return void request.socket.resetAndDestroy();
    if (hurt === undefined) return void response.writeHead(answer.status, answer.headers).end(answer.body);
    await spoil(request, response, answer, hurt.fault as Extract<Fault, string>);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const proxy: FaultProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    hurt(when, fault, times = Number.POSITIVE_INFINITY) {
      hurts.push({ when, fault, left: times });
    },
    heal() {
      hurts = [];
    },
    async stop() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return proxy;
}

type Answer = Extract<Fault, object>['answer'];

function respond(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  response.writeHead(status, headers).end(body);
}

interface Forwarded {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The registry's own answer. Credentials are for the proxy and stay there. */
function forward(target: string, { method, path, headers, body }: Passing): Promise<Forwarded> {
  const { authorization: _, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const onward = send(`http://${target}${path}`, { method, headers: rest }, async answer => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(parts) });
    });
    onward.once('error', reject).end(body);
  });
}

async function spoil(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Forwarded,
  fault: Extract<Fault, string>,
): Promise<void> {
  const half = body.subarray(0, body.length / 2);
  switch (fault) {
    case 'answer lost':
      return void request.socket.resetAndDestroy();
    case 'reset in the body':
      response.writeHead(status, headers).write(half, () => request.socket.resetAndDestroy());
      return;
    case 'cut short':
      return void response.writeHead(status, { ...headers, 'content-length': half.length }).end(half);
    case 'wrong digest': {
      const said = { ...headers, 'docker-content-digest': `sha256:${'0'.repeat(64)}` };
      return void response.writeHead(status, said).end(body);
    }
    case 'wrong bytes': {
      const other = Buffer.from(body);
      // Still JSON where it was: a letter of a string or a digit of a number.
      const at = other.findIndex(byte => byte === 0x32 || byte === 0x61);
      if (at >= 0) other[at] = other[at] === 0x32 ? 0x33 : 0x62;
      return void response.writeHead(status, headers).end(other);
    }
    case 'a byte at a time':
    case 'endless': {
      const { 'content-length': _, ...open } = headers;
      response.writeHead(status, open);
      response.flushHeaders();
      if (fault === 'endless') await pour(response, body);
      else await drip(response, body);
    }
  }
}

async function drip(response: ServerResponse, body: Buffer): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return;
    response.write(Buffer.of(byte));
    await new Promise(resolve => setTimeout(resolve, SLOW));
  }
  response.end();
}

/** Until the other side has had enough, which ends it with an error. */
async function pour(response: ServerResponse, body: Buffer): Promise<void> {
  const spaces = Buffer.alloc(256 * 1024, ' ');
  const endless = function* () {
    yield body;
    for (;;) yield spaces;
  };
  await pipeline(endless, response).catch(() => {});
}
