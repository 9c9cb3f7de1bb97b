import type { Agent, IncomingMessage, RequestOptions, request } from 'node:http';
import type { Readable, Transform } from 'node:stream';

/** A connection is kept this long for the next request, in milliseconds; registries close theirs later. */
const IDLE = 4_000;
/** What is left of an answer is read up to here to keep its connection; a longer rest is not worth it. */
const CHEAP_REST = 64 * 1024;

// An import statement would read every export of these modules, among them those that load all of fetch.
const http = process.getBuiltinModule('node:http');

/** Through the proxies of the environment where Node's own switch says so, as its fetch goes. */
const AGENT = {
  keepAlive: true,
  timeout: IDLE,
  ...(process.env.NODE_USE_ENV_PROXY === '1' && { proxyEnv: process.env }),
};

const plain = new http.Agent(AGENT);

/** Whatever of fetch's `init` is understood; anything else must not be given. */
interface Init {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
  /** Whether each part of the answer's body is done with before the next is asked for: then they cost no memory. */
  readonly lend?: boolean;
}

/**
 * As much of fetch as the registry client uses, over node:http: the built-in one takes about 50 ms longer to load
 * and to answer its first requests, a fifth of what `create` takes in all.
 *
 * Redirects are not followed. A failure is a `TypeError` whose cause says why, as fetch's is; the answer has
 * `status`, `headers` with `get` and `has`, and a `body` that can be iterated or cancelled once.
 */
const fetchOverHttp = async (input: string | URL, init: Init = {}) => {
  const url = new URL(input);
  const options: RequestOptions = { method: init.method ?? 'GET', headers: init.headers ?? {} };
  if (init.signal !== undefined) options.signal = init.signal;
  const { open, agent } = url.protocol === 'https:' ? secure() : { open: http.request, agent: plain };
  try {
    // A proxy of the environment is the agent's to find.
    const lent = init.lend === true && !('proxyEnv' in AGENT) && (await lentAnswer(url, init));
    if (lent) return lent;
    return answerOf(await send(open(url, { ...options, agent }), init.body), options.method!);
  } catch (cause) {
    throw new TypeError('fetch failed', { cause: told(cause) });
  }
};

/** `finishesParts`: a part of a body that it sends is sent before the next is asked for, so that it may be lent. */
export const httpFetch = Object.assign(fetchOverHttp, { finishesParts: true }) as unknown as typeof fetch;

interface Way {
  readonly open: typeof request;
  readonly agent: Agent;
}

let https: Way | undefined;

function secure(): Way {
  if (https === undefined) {
    const module = process.getBuiltinModule('node:https');
    https = { open: module.request, agent: new module.Agent(AGENT) };
  }
  return https;
}

type ClientRequest = ReturnType<typeof request>;

function send(outgoing: ClientRequest, body: Init['body']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('response', incoming => {
      // What is answered before all was sent needs no more of it; the connection cannot be used again.
      if (!outgoing.writableEnded) incoming.once('close', () => outgoing.destroy());
      resolve(incoming);
    });
    // Stays on after the answer: a server may answer early and then refuse the rest of the body.
    outgoing.on('error', reject);
    if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
    else void pour(body, outgoing);
  });
}

/** Bodies that are no blob as it is are copied on the way. */
async function lentAnswer(url: URL, { headers = {}, signal }: Init) {
  const { lentGet } = await import('./lent-line.ts');
  const answer = await lentGet(url, headers, signal);
  if (answer === undefined) return undefined;
  const { status, headers: fields, body } = answer;
  const packed = unpacking(fields.get('content-encoding'));
  const parts = status < 300 && packed === undefined ? body : copies(body);
  const { Readable } = process.getBuiltinModule('node:stream');
  const all: AsyncIterable<Uint8Array> = packed === undefined ? parts : Readable.from(parts).pipe(packed);
  const cancel = async (): Promise<void> => {
    if (Number(fields.get('content-length')) > CHEAP_REST) await body.return();
    else for await (const _ of body);
  };
  return { status, headers: fields, body: Object.assign(all, { cancel }) };
}

async function* copies(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield Uint8Array.from(part);
}

/** Each part is sent before the next is asked for, so that it may be a lent one. */
async function pour(body: AsyncIterable<Uint8Array>, outgoing: ClientRequest): Promise<void> {
  try {
    let isAnswered = false;
    outgoing.once('response', () => {
      isAnswered = true;
    });
    for await (const part of body) {
      if (outgoing.destroyed || isAnswered) return;
      await written(outgoing, part);
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function written(outgoing: ClientRequest, part: Uint8Array): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('close', done);
    outgoing.write(part, done);
  });
}

function answerOf(incoming: IncomingMessage, method: string) {
  const status = incoming.statusCode ?? 0;
  const headers = {
    get: (name: string) => headerOf(incoming, name),
    has: (name: string) => headerOf(incoming, name) !== null,
  };
  if (method === 'HEAD' || status === 204 || status === 304) {
    incoming.resume();
    return { status, headers, body: null };
  }
  const cancel = async (): Promise<void> => {
    const announced = Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY);
    if (announced <= CHEAP_REST) incoming.on('error', () => {}).resume();
    else incoming.destroy();
  };
  return {
    status,
    headers,
    body: Object.assign(unpacked(incoming) as AsyncIterable<Uint8Array>, { cancel }),
  };
}

function headerOf({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name.toLowerCase()];
  return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
}

/** The body as it was before it was packed on the way, which some servers do though nobody asked for it. */
function unpacked(incoming: IncomingMessage): Readable {
  const stream = unpacking(headerOf(incoming, 'content-encoding'));
  if (stream === undefined) return incoming;
  incoming.on('error', error => stream.destroy(error));
  stream.on('close', () => incoming.destroy());
  return incoming.pipe(stream);
}

function unpacking(packing: string | null): Transform | undefined {
  if (packing === null || packing === 'identity') return undefined;
  const { createBrotliDecompress, createGunzip, createInflate } = process.getBuiltinModule('node:zlib');
  const unpack = {
    gzip: createGunzip,
    'x-gzip': createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
  };
  return Object.hasOwn(unpack, packing) ? unpack[packing as keyof typeof unpack]() : undefined;
}

/** What is no HTTP goes by fetch's name for it, so that errors read the same over both. */
function told(cause: unknown): unknown {
  const { code, message } = cause as { code?: string; message?: string };
  if (code?.startsWith('HPE_') !== true) return cause;
  return Object.assign(new Error(message), { name: 'HTTPParserError', code });
}
