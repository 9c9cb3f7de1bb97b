import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { type ScriptedServer, scriptedServers } from '../../../support/scripted-server.ts';
import { challenge } from './guarded.ts';
import { failureOf, fetchAsIf, openScripted } from './scripted-registry.ts';

const servers = scriptedServers();
const bytes = new Uint8Array(Buffer.from('0123456789'));
const digest = digestOf(bytes);
const blob = { digest, size: bytes.length };
const BEGIN = 'POST /v2/app/blobs/uploads/';
const BLOB = `/v2/app/blobs/${digest}`;
const DIGEST = encodeURIComponent(digest);

/** A source that notes where it was opened. */
function source(content = bytes) {
  const opened: number[] = [];
  const open = (offset: number) => {
    opened.push(offset);
    return (async function* () {
      for (let at = offset; at < content.length; at += 3) yield content.subarray(at, at + 3);
    })();
  };
  return { opened, open };
}

async function ready(location = '/u/1?state=a%2Bb', headers = {}): Promise<ScriptedServer> {
  return (await servers())
    .on(`HEAD ${BLOB}`, { status: 404 })
    .on(BEGIN, { status: 202, headers: { location, ...headers } });
}

/** Takes the first `size` bytes of the request and breaks the connection off. */
function breakAfter(size: number) {
  return {
    early: (request: IncomingMessage) => {
      let taken = 0;
      request.on('data', (part: Buffer) => {
        taken += part.length;
        if (taken >= size) request.socket.destroy();
      });
    },
  };
}

const small = { slice: 4 };
type Sliced = { writeBlob(...args: unknown[]): Promise<void> };

describe('writing a blob', () => {
  it('sends a small one whole, and what the registry put into the address as it was', async () => {
    const server = (await ready()).on(`PUT /u/1?state=a%2Bb&digest=${DIGEST}`, { status: 201 });
    const { opened, open } = source();
    await openScripted(server).registry.writeBlob('app', blob, open);
    const { headers, body } = server.seen[2]!;
    expect(body.toString()).toBe('0123456789');
    expect(headers).toMatchObject({ 'content-length': '10', 'content-type': 'application/octet-stream' });
    expect(opened).toEqual([0]);
  });

  it('sends a larger one in parts, each to where the last answer says, from one reading of the source', async () => {
    const server = (await ready())
      .on('PATCH /u/1?state=a%2Bb', { status: 202, headers: { location: '/u/2', range: '0-3' } })
      .on('PATCH /u/2', { status: 202, headers: { location: '/u/3', range: '0-7' } })
      .on('PATCH /u/3', { status: 202, headers: { location: '/u/4', range: '0-9' } })
      .on(`PUT /u/4?digest=${DIGEST}`, { status: 201 });
    const { opened, open } = source();
    await (openScripted(server).registry as unknown as Sliced).writeBlob('app', blob, open, small);
    const patches = server.seen.filter(({ line }) => line.startsWith('PATCH'));
    expect(patches.map(({ body }) => body.toString())).toEqual(['0123', '4567', '89']);
    expect(patches.map(({ headers }) => headers['content-range'])).toEqual(['0-3', '4-7', '8-9']);
    expect(opened).toEqual([0]);
  });

  it('sends no part smaller than the registry asks for, but the last', async () => {
    const server = (await ready('/u/1', { 'oci-chunk-min-length': '7' }))
      .on('PATCH /u/1', { status: 202 }, { status: 202 })
      .on('PUT /u/1', { status: 201 });
    await (openScripted(server).registry as unknown as Sliced).writeBlob('app', blob, source().open, small);
    const patches = server.seen.filter(({ line }) => line.startsWith('PATCH'));
    expect(patches.map(({ body }) => body.length)).toEqual([7, 3]);
  });

  it('goes on from what the registry has after the connection broke', async () => {
    const server = (await ready('/u/1'))
      .on('PUT /u/1', breakAfter(3))
      .on('GET /u/1', { status: 204, headers: { location: '/u/1b', range: '0-5' } })
      .on('PATCH /u/1b', { status: 202, headers: { location: '/u/2' } })
      .on(`PUT /u/2?digest=${DIGEST}`, { status: 201 });
    const { opened, open } = source();
    const { registry, waits } = openScripted(server);
    await registry.writeBlob('app', blob, open);
    const patch = server.seen.find(({ line }) => line === 'PATCH /u/1b')!;
    expect(patch.body.toString()).toBe('6789');
    expect(patch.headers['content-range']).toBe('6-9');
    expect(opened).toEqual([0, 6]);
    expect(waits).toEqual([200]);
  });

  it('goes on however often the connection breaks, as long as it gets on', async () => {
    const server = await ready('/u/1');
    for (let has = 0; has < 9; has++) {
      server.on(has === 0 ? 'PUT /u/1' : 'PATCH /u/1', (_, response) => response.destroy());
      server.on('GET /u/1', { status: 204, headers: { range: `0-${has + 1}` } });
    }
    server.on('PUT /u/1', { status: 201 });
    const { opened, open } = source();
    await openScripted(server).registry.writeBlob('app', blob, open);
    expect(opened).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('begins again where the registry forgot the upload', async () => {
    const server = (await ready('/u/1'))
      .on('PUT /u/1', { status: 503 }, { status: 201 })
      .on('GET /u/1', { status: 404 })
      .on(`HEAD ${BLOB}`, { status: 404 })
      .on(BEGIN, { status: 202, headers: { location: '/u/1' } });
    await openScripted(server).registry.writeBlob('app', blob, source().open);
  });

  it('is done where the upload is gone because it had succeeded', async () => {
    const server = (await ready('/u/1'))
      .on('PUT /u/1', (_, response) => response.destroy())
      .on('GET /u/1', { status: 404 })
      .on(`HEAD ${BLOB}`, { headers: { 'content-length': '10' } });
    await openScripted(server).registry.writeBlob('app', blob, source().open);
  });

  it('asks for the offset where the registry sees another', async () => {
    const server = (await ready('/u/1'))
      .on('PATCH /u/1', { status: 416 }, { status: 202 }, { status: 202 })
      .on('GET /u/1', { status: 204, headers: { range: '0-3' } })
      .on('PUT /u/1', { status: 201 });
    await (openScripted(server).registry as unknown as Sliced).writeBlob('app', blob, source().open, small);
    const patches = server.seen.filter(({ line }) => line.startsWith('PATCH'));
    expect(patches.map(({ headers }) => headers['content-range'])).toEqual(['0-3', '4-7', '8-9']);
  });

  it('renews a token that ended in the middle and goes on', async () => {
    const server = await servers();
    const realm = `http://${server.host}/token`;
    server
      .on(`HEAD ${BLOB}`, challenge(realm), { status: 404 })
      .on('GET /token', { body: { token: 't1' } }, { body: { token: 't2' } })
      .on(BEGIN, { status: 202, headers: { location: '/u/1' } })
      .on('PATCH /u/1', { status: 202 }, challenge(realm), { status: 202 }, { status: 202 })
      .on('GET /u/1', { status: 204, headers: { range: '0-3' } })
      .on('PUT /u/1', { status: 201 });
    const { open } = source();
    await (openScripted(server).registry as unknown as Sliced).writeBlob('app', blob, open, small);
    expect(server.seen.at(-1)!.headers.authorization).toBe('Bearer t2');
  });

  it('gives up when it does not get on, and ends the upload', async () => {
    const server = (await ready('/u/1'))
      .always('PUT /u/1', { status: 503 })
      .always('GET /u/1', { status: 204, headers: { range: '0-0' } })
      .on('DELETE /u/1', { status: 204 });
    const failure = await failureOf(openScripted(server).registry.writeBlob('app', blob, source().open));
    expect(failure).toMatchObject({ code: 'registry-failed', status: 503 });
    expect(server.seen.filter(({ line }) => line.startsWith('PUT'))).toHaveLength(5);
  });

  it('ends an upload whose source breaks for good, and says what the source said', async () => {
    const server = (await ready('/u/1'))
      .on('PUT /u/1', { early: (_: IncomingMessage, __: ServerResponse) => {} })
      .on('DELETE /u/1', { status: 204 });
    const broken = async function* () {
      yield bytes.subarray(0, 2);
      throw new Error('the disk is gone');
    };
    const work = openScripted(server).registry.writeBlob('app', blob, broken);
    await expect(work).rejects.toThrow('the disk is gone');
  });

  it('does not send a source for ever that is shorter than was said', async () => {
    const server = (await ready('/u/1'))
      .on('PUT /u/1', { early: () => {} })
      .on('DELETE /u/1', { status: 204 });
    const work = openScripted(server).registry.writeBlob('app', blob, source(bytes.subarray(0, 7)).open);
    const failure = await failureOf(work);
    expect(failure.code).toBe('malformed');
    expect(failure.reason).toContain('3 bytes too early');
  });

  it('counts no time against the registry in which the source is slow', async () => {
    const server = (await ready('/u/1')).on('PUT /u/1', { status: 201 });
    const slow = async function* () {
      for (let at = 0; at < bytes.length; at += 2) {
        await new Promise(resolve => setTimeout(resolve, 120));
        yield bytes.subarray(at, at + 2);
      }
    };
    await openScripted(server, { timeout: 500 }).registry.writeBlob('app', blob, slow);
  });

  it('ends where the registry takes a part and says nothing more', async () => {
    const server = (await ready('/u/1')).on('PUT /u/1', () => {}).on('DELETE /u/1', { status: 204 });
    const work = openScripted(server, { timeout: 400 }).registry.writeBlob('app', blob, source().open);
    expect((await failureOf(work)).code).toBe('timeout');
  });
});

describe('the place to upload to', () => {
  const login = { credentials: 'env:LOGIN', env: { LOGIN: 'somebody:s3cret' } };
  const basic = { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } };

  it('is told no credentials where it is at another origin', async () => {
    const store = (await servers()).on(`PUT /put?key=1&digest=${DIGEST}`, { status: 201 });
    const server = (await servers())
      .on(`HEAD ${BLOB}`, basic, { status: 404 })
      .on(BEGIN, { status: 202, headers: { location: `http://${store.host}/put?key=1` } });
    await openScripted(server, login).registry.writeBlob('app', blob, source().open);
    expect(server.seen[2]!.headers.authorization).toMatch(/^Basic/);
    expect(store.seen[0]!.headers.authorization).toBeUndefined();
  });

  it('is https where a proxy hides that from the registry', async () => {
    const server = (await servers())
      .on(`HEAD ${BLOB}`, { status: 404 })
      .on(BEGIN, { status: 202, headers: { location: 'http://registry.example/u/1' } })
      .on('PUT /u/1', { status: 201 });
    const schemes: string[] = [];
    const far = fetchAsIf({ 'registry.example': server });
    const fetch: typeof globalThis.fetch = (input, init) => {
      schemes.push(new URL(String(input)).protocol);
      return far(input, init);
    };
    await openScripted({ host: 'registry.example' }, { fetch }).registry.writeBlob(
      'app',
      blob,
      source().open,
    );
    expect(new Set(schemes)).toEqual(new Set(['https:']));
  });

  it.each([
    ['none', {}],
    ['in the clear', { location: 'http://store.example/put' }],
    ['on this machine', { location: 'https://127.0.0.1/put' }],
    ['with credentials in it', { location: 'https://a:b@store.example/put' }],
  ])('is not gone to where a far registry names %s', async (_, headers) => {
    const server = (await servers()).on(`HEAD ${BLOB}`, { status: 404 }).on(BEGIN, { status: 202, headers });
    const fetch = fetchAsIf({ 'registry.example': server });
    const { registry } = openScripted({ host: 'registry.example' }, { fetch });
    const failure = await failureOf(registry.writeBlob('app', blob, source().open));
    expect(failure).toMatchObject({ code: 'not-a-registry', where: expect.stringContaining('-> 202') });
  });
});
