import type { Socket } from 'node:net';
import { LentBody } from './lent-body.ts';

/** One read of a connection; large ones save a system call and a turn of the event loop each. */
const READ = 512 * 1024;
/** Heads of answers are refused beyond this, as node:http does. */
const LONGEST_HEAD = 64 * 1024;
/** A connection is kept this long for the next request, in milliseconds. */
const IDLE = 4_000;
const MOST_IDLE = 16;

export interface LentAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null; has(name: string): boolean };
  readonly body: LentBody;
}

interface Waiting {
  answered(answer: LentAnswer | undefined): void;
  failed(error: Error): void;
}

const idle = new Map<string, LentLine[]>();

/**
 * A GET whose answer's body is lent. node:http copies each part of a body into memory of its own, which is most of
 * the work and all of the memory that it takes to hand on a blob; so this speaks as much of HTTP/1.1 as that needs,
 * over a connection that reads into one buffer again and again.
 *
 * Undefined where the answer does not say how long its body is: then somebody who knows more of HTTP has to ask.
 */
export async function lentGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<LentAnswer | undefined> {
  for (;;) {
    const kept = idle.get(url.origin)?.pop();
    const line = kept ?? new LentLine(url);
    try {
      return await line.ask(url, headers, signal);
    } catch (error) {
      line.release(false);
      // The other side may have closed a kept connection at the moment in which it was used again.
      if (kept === undefined || line.heard || signal?.aborted) throw error;
    }
  }
}

export class LentLine {
  readonly #origin: string;
  readonly #socket: Socket;
  /** Whether anything came since the last request. */
  heard = false;
  #head: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;
  #body: LentBody | undefined;
  #signal: AbortSignal | undefined;
  #isKept = false;

  constructor(url: URL) {
    this.#origin = url.origin;
    const callback = (length: number, buffer: Uint8Array): boolean => this.#read(buffer.subarray(0, length));
    const onread = { buffer: Buffer.allocUnsafeSlow(READ), callback };
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isSecure = url.protocol === 'https:';
    const options = { host, port: Number(url.port || (isSecure ? 443 : 80)), onread };
    const { isIP, connect } = process.getBuiltinModule('node:net');
    const named = isIP(host) === 0 && { servername: host };
    this.#socket = isSecure
      ? process.getBuiltinModule('node:tls').connect({ ...options, ...named, ALPNProtocols: ['http/1.1'] })
      : connect(options);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', error => this.#fail(error));
    const broken = 'the connection was closed before the answer was whole';
    this.#socket.on('close', () => this.#fail(Object.assign(new Error(broken), { code: 'ECONNRESET' })));
    this.#socket.on('timeout', () => this.#socket.destroy());
  }

  ask(
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<LentAnswer | undefined> {
    this.heard = false;
    this.#head = Buffer.alloc(0);
    this.#socket.setTimeout(0).ref();
    return new Promise((answered, failed) => {
      this.#waiting = { answered, failed };
      this.#signal = signal;
      if (signal?.aborted) return this.#stop();
      signal?.addEventListener('abort', this.#stop, { once: true });
      if (this.#socket.destroyed) return this.#fail(new Error('the connection is closed'));
      const lines = Object.entries({ host: url.host, ...headers, connection: 'keep-alive' });
      const text = lines.map(([name, value]) => `${name}: ${oneLine(value)}\r\n`).join('');
      this.#socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${text}\r\n`, 'latin1');
    });
  }

  readOn(): void {
    this.#socket.resume();
  }

  /** What is whole leaves a connection that can be asked again. */
  release(isWhole: boolean): void {
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#signal = undefined;
    this.#body = undefined;
    const others = idle.get(this.#origin) ?? [];
    if (!isWhole || !this.#isKept || this.#socket.destroyed || others.length >= MOST_IDLE) {
      this.#socket.destroy();
      return;
    }
    idle.set(this.#origin, [...others, this]);
    this.#socket.setTimeout(IDLE).unref();
    // So that it is heard when the other side closes it.
    this.#socket.resume();
  }

  readonly #stop = (): void => {
    const cause = this.#signal?.reason;
    this.#socket.destroy(Object.assign(new Error('stopped', { cause }), { name: 'AbortError' }));
  };

  /** Whether to read on. */
  #read(bytes: Uint8Array): boolean {
    this.heard = true;
    if (this.#body !== undefined) {
      this.#body.take(bytes);
      return false;
    }
    if (this.#waiting === undefined) {
      this.#socket.destroy();
      return false;
    }
    this.#head =
      this.#head.length === 0
        ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
        : Buffer.concat([this.#head, bytes]);
    return this.#readHead(bytes);
  }

  #readHead(last: Uint8Array): boolean {
    const end = this.#head.indexOf('\r\n\r\n');
    if (end === -1) {
      // What was read is overwritten by what is read next.
      this.#head = Buffer.from(this.#head);
      if (this.#head.length <= LONGEST_HEAD) return true;
      return this.#refuse('the head of the answer is too long');
    }
    const head = parseHead(this.#head.subarray(0, end).toString('latin1'));
    if (head === undefined) return this.#refuse('it answers something that is no HTTP');
    const rest = this.#head.length - end - 4;
    if (head.status < 200) {
      this.#head = this.#head.subarray(end + 4);
      return rest === 0 || this.#readHead(last);
    }
    const length = lengthOf(head);
    const waiting = this.#waiting!;
    this.#waiting = undefined;
    if (length === undefined) {
      this.release(false);
      waiting.answered(undefined);
      return false;
    }
    this.#isKept = head.version === '1.1' && !/\bclose\b/i.test(head.fields.get('connection') ?? '');
    const get = (name: string): string | null => head.fields.get(name.toLowerCase()) ?? null;
    // The start of the body is still where it was read to.
    this.#body = new LentBody(this, length, last.subarray(last.length - rest));
    waiting.answered({
      status: head.status,
      headers: { get, has: name => get(name) !== null },
      body: this.#body,
    });
    return false;
  }

  #refuse(message: string): false {
    this.#fail(Object.assign(new Error(message), { name: 'HTTPParserError' }));
    this.#socket.destroy();
    return false;
  }

  #fail(error: Error): void {
    idle.set(
      this.#origin,
      (idle.get(this.#origin) ?? []).filter(line => line !== this),
    );
    this.#signal?.removeEventListener('abort', this.#stop);
    this.#waiting?.failed(error);
    this.#waiting = undefined;
    this.#body?.fail(error);
  }
}

interface Head {
  readonly version: string;
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
}

function parseHead(text: string): Head | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, version, status] = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(first) ?? [];
  if (version === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    const known = fields.get(key);
    // Two lengths would let two readers see two answers.
    if (known !== undefined && key === 'content-length' && known !== value) return undefined;
    fields.set(key, known === undefined || key === 'content-length' ? value : `${known}, ${value}`);
  }
  return { version, status: Number(status), fields };
}

function lengthOf({ status, fields }: Head): number | undefined {
  if (status === 204 || status === 304) return 0;
  const length = fields.get('content-length') ?? '';
  if (fields.has('transfer-encoding') || !/^\d{1,15}$/.test(length)) return undefined;
  return Number(length);
}

/** No header that is sent may begin another one. */
function oneLine(value: string): string {
  if (!/[^\t\x20-\x7e\x80-\xff]/.test(value)) return value;
  throw new TypeError('a header has a character that is not allowed there');
}
