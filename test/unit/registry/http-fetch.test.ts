import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpFetch } from '../../../lib/registry/http-fetch.ts';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];

async function serve(listener: RequestListener): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/`, server };
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of response.body!) parts.push(part);
  return Buffer.concat(parts).toString();
}

async function* slowly(...parts: readonly string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) {
    await new Promise(resolve => setImmediate(resolve));
    yield Buffer.from(part);
  }
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});

describe('httpFetch', () => {
  it('answers with status, headers in any case, and the body', async () => {
    const { url } = await serve((request, response) => {
      response.setHeader('Docker-Content-Digest', 'sha256:x');
      response.setHeader('X-Many', ['a', 'b']);
      response.statusCode = 404;
      response.end(`${request.method} ${request.headers.accept}`);
    });
    const response = await httpFetch(url, { headers: { accept: 'x/y' } });
    expect(response.status).toBe(404);
    expect(response.headers.get('docker-content-digest')).toBe('sha256:x');
    expect(response.headers.get('X-Many')).toBe('a, b');
    expect([response.headers.get('no'), response.headers.has('no'), response.headers.has('x-many')]).toEqual([
      null,
      false,
      true,
    ]);
    expect(await textOf(response)).toBe('GET x/y');
  });

  it('does not follow redirects', async () => {
    const { url } = await serve((_, response) => response.writeHead(307, { location: '/else' }).end());
    const response = await httpFetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, '/else']);
    await response.body?.cancel();
  });

  it('has no body for HEAD and 204', async () => {
    const { url } = await serve((request, response) =>
      response.writeHead(request.method === 'HEAD' ? 200 : 204).end(),
    );
    expect((await httpFetch(url, { method: 'HEAD' })).body).toBeNull();
    expect((await httpFetch(url)).body).toBeNull();
  });

  it('sends bytes with their length, and streams as they come', async () => {
    const { url } = await serve(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      response.end(`${request.headers['content-length']} ${Buffer.concat(parts)}`);
    });
    const put = (body: object) =>
      httpFetch(url, { method: 'PUT', body: body as Uint8Array<ArrayBuffer> }).then(textOf);
    expect(await put(Buffer.from('manifest'))).toBe('8 manifest');
    expect(await put(slowly('a', 'b', 'c'))).toBe('undefined abc');
  });

  it('uses a connection again, also where an answer was not read', async () => {
    const { url, server } = await serve((_, response) => response.end('rest'));
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    await (await httpFetch(url)).body!.cancel();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(await textOf(await httpFetch(url))).toBe('rest');
    expect(connections).toBe(1);
  });

  it('unpacks what was packed though nobody asked for it', async () => {
    const { url } = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync('manifest'));
    });
    expect(await textOf(await httpFetch(url))).toBe('manifest');
  });

  it('fails as fetch does: with a TypeError whose cause has the code', async () => {
    const { url, server } = await serve(() => {});
    await new Promise(resolve => server.close(resolve));
    await expect(httpFetch(url)).rejects.toMatchObject({
      name: 'TypeError',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('says of what is no HTTP that it could not be parsed', async () => {
    const server = createTcpServer(socket => socket.end('SSH-2.0-OpenSSH\r\n'));
    servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await expect(httpFetch(url)).rejects.toMatchObject({ cause: { name: 'HTTPParserError' } });
  });

  it('ends with its signal, before the answer and in the middle of it', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/v2/half') response.write('ha');
    });
    const early = new AbortController();
    const waiting = httpFetch(url, { signal: early.signal });
    setTimeout(() => early.abort(), 20);
    await expect(waiting).rejects.toThrow('fetch failed');
    const late = new AbortController();
    const response = await httpFetch(`${url}half`, { signal: late.signal });
    setTimeout(() => late.abort(), 20);
    await expect(textOf(response)).rejects.toThrow();
  });

  it('fails where the source of a body or the other side breaks off', async () => {
    const { url } = await serve((request, response) => {
      if (request.method === 'GET') response.writeHead(200, { 'content-length': 10 }).write('half');
      setTimeout(() => response.destroy(), 20);
    });
    async function* broken(): AsyncIterable<Uint8Array> {
      yield Buffer.from('a');
      throw new Error('the disk is gone');
    }
    const put = httpFetch(url, { method: 'PUT', body: broken() as unknown as Uint8Array<ArrayBuffer> });
    await expect(put).rejects.toMatchObject({ cause: { message: 'the disk is gone' } });
    await expect(textOf(await httpFetch(url))).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it.each([
    ['1', 'by the proxy'],
    [undefined, 'by itself'],
  ])(
    "goes through the environment's proxy where Node's own switch is %p",
    async (NODE_USE_ENV_PROXY, told) => {
      const proxy = await serve((_, response) => void response.end('by the proxy'));
      const { url } = await serve((_, response) => void response.end('by itself'));
      const program = `
      const { httpFetch } = await import(${JSON.stringify(import.meta.resolve('../../../lib/registry/http-fetch.ts'))});
      for await (const part of (await httpFetch(${JSON.stringify(url)})).body) process.stdout.write(part);`;
      const env = {
        HTTP_PROXY: new URL(proxy.url).origin,
        ...(NODE_USE_ENV_PROXY && { NODE_USE_ENV_PROXY }),
      };
      const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
      let out = '';
      child.stdout.on('data', text => {
        out += text;
      });
      await once(child, 'close');
      expect(out).toBe(told);
    },
  );
});
