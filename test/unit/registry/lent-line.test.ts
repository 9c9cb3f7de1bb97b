import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpFetch } from '../../../lib/registry/http-fetch.ts';

/** Answers the requests of each connection with bytes, in turn over all; `undefined` ends the connection. */
async function serveBytes(
  answers: readonly (Uint8Array | string | readonly (Uint8Array | string)[] | undefined)[],
) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer(socket => {
    connections += 1;
    sockets.add(socket.on('error', () => {}));
    let head = '';
    socket.on('data', async data => {
      head += data.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      asked.push(head);
      head = '';
      const answer = answers[asked.length - 1];
      if (answer === undefined) return void socket.destroy();
      for (const part of Array.isArray(answer) ? answer : [answer as string]) {
        socket.write(part);
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    asked,
    connections: () => connections,
    end: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(...answers: Parameters<typeof serveBytes>[0]) {
  const server = await serveBytes(answers);
  stops.push(server.end);
  return server;
}

const lend = (url: string, more: object = {}) => httpFetch(url, { lend: true, ...more } as RequestInit);

async function read(response: Response): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of response.body!) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

const answer = (body: Uint8Array | string, more = '') =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${more}Content-Length: ${body.length}\r\n\r\n`),
    Buffer.from(body as string),
  ]);

describe('a body that is lent', () => {
  it('comes whole, however it is cut up on the way', async () => {
    const bytes = randomBytes(900_000);
    const whole = answer(bytes, 'Content-Range: bytes 0-899999/900000\r\n');
    const cuts = [
      whole.subarray(0, 9),
      whole.subarray(9, 41),
      whole.subarray(41, 70_000),
      whole.subarray(70_000),
    ];
    const { origin } = await serve(cuts);
    const response = await lend(`${origin}/blob`);
    expect(response.headers.get('content-range')).toBe('bytes 0-899999/900000');
    expect((await read(response)).equals(bytes)).toBe(true);
  });

  it('lies in the same memory part for part', async () => {
    const { origin } = await serve([answer('x'.repeat(10)).subarray(0, -5), 'yyyyy']);
    const buffers = new Set<ArrayBufferLike>();
    for await (const part of (await lend(origin)).body!) buffers.add(part.buffer);
    expect(buffers.size).toBe(1);
  });

  it('leaves its connection to the next request', async () => {
    const server = await serve(answer('one'), answer('two'), answer('three'));
    expect(String(await read(await lend(server.origin)))).toBe('one');
    expect(String(await read(await lend(server.origin)))).toBe('two');
    expect(server.connections()).toBe(1);
  });

  it('takes no bytes beyond those that were announced', async () => {
    const { origin } = await serve(Buffer.concat([answer('one'), Buffer.from('HTTP/1.1 200 OK')]));
    await expect(lend(origin).then(read)).rejects.toThrow('more bytes than the answer announced');
  });

  it('is asked for again where a kept connection was closed meanwhile', async () => {
    const server = await serve(answer('one'), undefined, answer('two'));
    await read(await lend(server.origin));
    expect(String(await read(await lend(server.origin)))).toBe('two');
    expect(server.connections()).toBe(2);
  });

  it('fails where the connection ends before it does', async () => {
    const { origin, end } = await serve(answer('a whole sentence').subarray(0, -4));
    const response = await lend(origin);
    setTimeout(end, 20);
    await expect(read(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is read by others where no length is announced', async () => {
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n';
    const server = await serve(chunked, chunked);
    expect(String(await read(await lend(server.origin)))).toBe('one');
    expect(server.asked).toHaveLength(2);
  });

  it('waits for the answer behind one that says only to go on', async () => {
    const { origin } = await serve(
      Buffer.concat([Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'), answer('one')]),
    );
    expect(String(await read(await lend(origin)))).toBe('one');
  });

  it('is no HTTP where the head is none', async () => {
    for (const head of ['SSH-2.0-x\r\n\r\n', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n']) {
      const { origin } = await serve(head);
      await expect(lend(origin)).rejects.toMatchObject({ cause: { name: 'HTTPParserError' } });
    }
    const { origin } = await serve('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab');
    await expect(lend(origin)).rejects.toMatchObject({ cause: { name: 'HTTPParserError' } });
    const { origin: endless } = await serve(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`);
    await expect(lend(endless)).rejects.toMatchObject({ cause: { name: 'HTTPParserError' } });
  });

  it('ends with its signal, before the answer and in the middle of it', async () => {
    const { origin } = await serve([], answer('a whole sentence').subarray(0, -4));
    const before = AbortSignal.timeout(20);
    await expect(lend(origin, { signal: before })).rejects.toThrow('fetch failed');
    const during = new AbortController();
    const response = await lend(origin, { signal: during.signal });
    setTimeout(() => during.abort(), 20);
    await expect(read(response)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('sends no header that begins another', async () => {
    const { origin } = await serve(answer('one'));
    await expect(lend(origin, { headers: { a: 'b\r\nc: d' } })).rejects.toThrow('fetch failed');
  });

  it('can be left unread, a short one at no cost and a long one with its connection', async () => {
    const server = await serve(answer('short'), answer('x'.repeat(100_000)), answer('last'));
    for (const _ of [1, 2]) await (await lend(server.origin)).body!.cancel();
    expect(String(await read(await lend(server.origin)))).toBe('last');
    expect(server.connections()).toBe(2);
  });
});
