import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { until } from '../../../support/e2e-run.ts';
import { serveEmbedded, storeBlob } from './embedded-fixture.ts';

describe('blobs over HTTP', () => {
  let served: Awaited<ReturnType<typeof serveEmbedded>>;
  beforeAll(async () => {
    served = await serveEmbedded();
  });
  afterAll(() => served.stop());

  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Blob | Buffer<ArrayBuffer>,
  ) =>
    fetch(new URL(path, `http://${served.host}`), { method, headers, ...(body !== undefined && { body }) });
  const begin = async (query = '') => {
    const response = await ask('POST', `/v2/a/blobs/uploads/${query}`);
    expect(response.status).toBe(202);
    return response.headers.get('location')!;
  };
  const rangeOf = async (upload: string) => (await ask('GET', upload)).headers.get('range');

  it.each([
    [{}, 200, 'hello world', null],
    [{ Range: 'bytes=0-4' }, 206, 'hello', 'bytes 0-4/11'],
    [{ Range: 'bytes=6-' }, 206, 'world', 'bytes 6-10/11'],
    [{ Range: 'bytes=-3' }, 206, 'rld', 'bytes 8-10/11'],
    [{ Range: 'bytes=0-4', 'If-Range': '"another"' }, 200, 'hello world', null],
  ])('are given for %j', async (headers, status, text, range) => {
    const digest = await storeBlob(served.storage, 'a', 'hello world');
    for (const method of ['GET', 'HEAD']) {
      const response = await ask(method, `/v2/a/blobs/${digest}`, headers);
      expect(response.status).toBe(status);
      expect(response.headers.get('content-range')).toBe(range);
      expect(response.headers.get('content-length')).toBe(String(text.length));
      expect(response.headers.get('docker-content-digest')).toBe(digest);
      expect(await response.text()).toBe(method === 'GET' ? text : '');
    }
  });

  it('are not given beyond their end', async () => {
    const digest = await storeBlob(served.storage, 'a', 'hello world');
    const response = await ask('GET', `/v2/a/blobs/${digest}`, { Range: 'bytes=11-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */11']);
  });

  it('are given when they are empty', async () => {
    const digest = await storeBlob(served.storage, 'a', '');
    const response = await ask('GET', `/v2/a/blobs/${digest}`);
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('go when they are deleted', async () => {
    const digest = await storeBlob(served.storage, 'a', 'short-lived');
    expect((await ask('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202);
    expect((await ask('HEAD', `/v2/a/blobs/${digest}`)).status).toBe(404);
  });

  it.each([
    [
      'one POST',
      async (digest: string, bytes: Buffer<ArrayBuffer>) =>
        ask('POST', `/v2/a/blobs/uploads/?digest=${digest}`, {}, bytes),
    ],
    [
      'POST and PUT',
      async (digest: string, bytes: Buffer<ArrayBuffer>) =>
        ask('PUT', `${await begin()}?digest=${digest}`, {}, bytes),
    ],
    [
      'chunks',
      async (digest: string, bytes: Buffer<ArrayBuffer>) => {
        const upload = await begin();
        const half = bytes.length >> 1;
        const first = await ask(
          'PATCH',
          upload,
          { 'Content-Range': `0-${half - 1}` },
          bytes.subarray(0, half),
        );
        expect([first.status, first.headers.get('range')]).toEqual([202, `0-${half - 1}`]);
        const range = { 'Content-Range': `${half}-${bytes.length - 1}` };
        return ask('PUT', `${upload}?digest=${digest}`, range, bytes.subarray(half));
      },
    ],
    [
      'a stream of unknown length',
      async (digest: string, bytes: Buffer<ArrayBuffer>) => {
        const upload = await begin();
        const body = new Blob([bytes]).stream();
        const patched = await fetch(`http://${served.host}${upload}`, {
          method: 'PATCH',
          body,
          duplex: 'half',
        } as RequestInit);
        expect([patched.status, patched.headers.get('range')]).toEqual([202, `0-${bytes.length - 1}`]);
        return ask('PUT', `${upload}?digest=${digest}`);
      },
    ],
  ])('are pushed with %s', async (how, push) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const bytes = Buffer.from(`${how} ${algorithm} `.repeat(20_000));
      const digest = digestOf(bytes, algorithm);
      const response = await push(digest, bytes);
      expect(response.status).toBe(201);
      expect(response.headers.get('docker-content-digest')).toBe(digest);
      expect(response.headers.get('location')).toBe(`/v2/a/blobs/${digest}`);
      const pulled = await ask('GET', `/v2/a/blobs/${digest}`);
      expect(Buffer.from(await pulled.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it('are refused, and the upload with them, where the digest is another', async () => {
    const upload = await begin();
    const response = await ask('PUT', `${upload}?digest=${digestOf(Buffer.from('b'))}`, {}, 'a');
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [expect.objectContaining({ code: 'DIGEST_INVALID' })] },
    ]);
    expect((await ask('GET', upload)).status).toBe(404);
  });

  it.each(['PATCH', 'PUT'])('are refused with 416 where a %s does not follow what is there', async method => {
    const upload = await begin();
    await ask('PATCH', upload, { 'Content-Range': '0-1' }, 'ab');
    for (const range of ['0-1', '1-2', '3-4']) {
      const path = method === 'PUT' ? `${upload}?digest=${digestOf(Buffer.from('x'))}` : upload;
      const response = await ask(method, path, { 'Content-Range': range }, 'xy');
      expect([response.status, response.headers.get('range')]).toEqual([416, '0-1']);
      expect(response.headers.get('location')).toBe(upload);
    }
    expect(await rangeOf(upload)).toBe('0-1');
  });

  it.each([
    ['1-', 'ab', 'BLOB_UPLOAD_INVALID'],
    ['0-4', 'ab', 'SIZE_INVALID'],
    ['0-0', 'ab', 'SIZE_INVALID'],
  ])('are refused where the chunk %s has the bytes %s', async (range, body, code) => {
    const upload = await begin();
    const withLength = await ask('PATCH', upload, { 'Content-Range': range }, body);
    expect([withLength.status, await withLength.json()]).toMatchObject([400, { errors: [{ code }] }]);
    const streamed = await fetch(`http://${served.host}${upload}`, {
      method: 'PATCH',
      headers: { 'Content-Range': range },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([streamed.status, await streamed.json()]).toMatchObject([400, { errors: [{ code }] }]);
  });

  it('go on from what arrived where the connection broke, one request at a time', async () => {
    const upload = await begin();
    const breaking = request(`http://${served.host}${upload}`, {
      method: 'PATCH',
      headers: { 'Content-Length': 100 },
    });
    breaking.on('error', () => {});
    breaking.write('hello');
    expect(await until(async () => ((await rangeOf(upload)) === '0-4' ? true : undefined))).toBe(true);
    const busy = await ask('PATCH', upload, {}, ' too early');
    expect([busy.status, busy.headers.get('range')]).toEqual([416, '0-4']);
    breaking.destroy();
    const next = await until(async () => {
      const response = await ask('PATCH', upload, { 'Content-Range': '5-10' }, ' world');
      return response.status === 202 ? response : undefined;
    });
    expect(next?.headers.get('range')).toBe('0-10');
    const digest = digestOf(Buffer.from('hello world'));
    expect((await ask('PUT', `${upload}?digest=${digest}`)).status).toBe(201);
  });

  it('say 0-0 before the first byte, and nothing once the upload is cancelled', async () => {
    const upload = await begin();
    expect(await rangeOf(upload)).toBe('0-0');
    expect((await ask('DELETE', upload)).status).toBe(204);
    expect((await ask('GET', upload)).status).toBe(404);
  });

  it('are mounted from another repository, from any, or uploaded where none has them', async () => {
    const digest = await storeBlob(served.storage, 'b', 'mounted');
    const given = await ask('POST', `/v2/c/blobs/uploads/?mount=${digest}&from=b`);
    expect([given.status, given.headers.get('location')]).toEqual([201, `/v2/c/blobs/${digest}`]);
    expect((await ask('POST', `/v2/d/blobs/uploads/?mount=${digest}`)).status).toBe(201);
    expect((await ask('HEAD', `/v2/d/blobs/${digest}`)).status).toBe(200);
    const absent = digestOf(Buffer.from('nowhere'));
    const instead = await ask('POST', `/v2/c/blobs/uploads/?mount=${absent}&from=b`);
    expect(instead.status).toBe(202);
    const put = await ask('PUT', `${instead.headers.get('location')}?digest=${absent}`, {}, 'nowhere');
    expect(put.status).toBe(201);
  });

  it('leave no file open where the reader goes away', async () => {
    const digest = await storeBlob(served.storage, 'a', 'x'.repeat(20_000_000));
    const controller = new AbortController();
    const response = await fetch(`http://${served.host}/v2/a/blobs/${digest}`, { signal: controller.signal });
    await response.body!.getReader().read();
    const opened = openFiles(digest);
    controller.abort();
    expect(await until(() => (openFiles(digest) === 0 ? true : undefined))).toBe(true);
    expect(opened).toBe(existsSync(OPEN_FILES) ? 1 : 0);
  });
});

const OPEN_FILES = '/proc/self/fd';

/** How often this process has the blob's file open, as far as the system tells. */
function openFiles(digest: string): number {
  if (!existsSync(OPEN_FILES)) return 0;
  const targets = readdirSync(OPEN_FILES).map(name => {
    try {
      return readlinkSync(join(OPEN_FILES, name));
    } catch {
      return '';
    }
  });
  return targets.filter(target => target.endsWith(digest.slice('sha256:'.length))).length;
}
