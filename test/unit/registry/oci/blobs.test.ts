import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, openScripted } from './scripted-registry.ts';

const servers = scriptedServers();
const bytes = Buffer.from('0123456789');
const digest = digestOf(bytes);
const BLOB = `/v2/app/blobs/${digest}`;

async function all(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const part of body) text += Buffer.from(part).toString();
  return text;
}

describe('small blobs', () => {
  it('are not taken for what they are not', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, { body: 'other bytes' });
    const reading = (await openScripted(server).registry.readBlobs('app', [digest])).get(digest);
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code: 'digest-mismatch' } });
  });

  it('may be served as anything, pages too, since their digest decides', async () => {
    const page = Buffer.from('<html></html>');
    const server = (await servers()).on(`GET /v2/app/blobs/${digestOf(page)}`, {
      headers: { 'content-type': 'text/html' },
      body: page,
    });
    const reading = (await openScripted(server).registry.readBlobs('app', [digestOf(page)])).get(
      digestOf(page),
    );
    expect(reading).toMatchObject({ kind: 'found' });
  });

  it('are cut off where they do not end', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, (_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const reading = (await openScripted(server).registry.readBlobs('app', [digest], { maxBytes: 1000 })).get(
      digest,
    );
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code: 'too-large' } });
  });
});

describe('a blob that is opened', () => {
  it('goes on from an offset', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, {
      status: 206,
      headers: { 'content-range': 'bytes 4-9/10' },
      body: '456789',
    });
    expect(await all(await openScripted(server).registry.openBlob('app', digest, { offset: 4 }))).toBe(
      '456789',
    );
    expect(server.seen[0]!.headers.range).toBe('bytes=4-');
  });

  it('goes on from an offset where the registry sends all of it', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, { body: bytes });
    expect(await all(await openScripted(server).registry.openBlob('app', digest, { offset: 4 }))).toBe(
      '456789',
    );
  });

  it('is refused where the registry sends another part', async () => {
    const headers = { 'content-range': 'bytes 0-9/10' };
    const server = (await servers()).on(`GET ${BLOB}`, { status: 206, headers, body: bytes });
    const failure = await failureOf(openScripted(server).registry.openBlob('app', digest, { offset: 4 }));
    expect(failure.reason).toContain('another part');
  });

  it('breaks with an error that says that trying again may help', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, (_, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('0123', () => response.destroy());
    });
    const body = await openScripted(server).registry.openBlob('app', digest);
    expect(await failureOf(all(body))).toMatchObject({ code: 'unreachable', retryable: true });
  });

  it('ends where it stands still, however long it took before', async () => {
    const server = (await servers()).on(`GET ${BLOB}`, (_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    });
    const body = await openScripted(server, { timeout: 300 }).registry.openBlob('app', digest);
    expect((await failureOf(all(body))).code).toBe('timeout');
  });

  it('may take longer than one deadline while it gets on, and while its reader is slow', async () => {
    const part = Buffer.alloc(64 * 1024);
    const server = (await servers()).on(`GET ${BLOB}`, async (_, response) => {
      for (let sent = 0; sent < 4; sent++) {
        response.write(part);
        await new Promise(resolve => setTimeout(resolve, 200));
      }
      response.end();
    });
    const body = await openScripted(server, { timeout: 600 }).registry.openBlob('app', digest);
    let length = 0;
    for await (const bytes of body) {
      if (length === 0) await new Promise(resolve => setTimeout(resolve, 800));
      length += bytes.length;
    }
    expect(length).toBe(4 * part.length);
  });
});

describe('the size of a blob', () => {
  it('is asked for otherwise where the first answer does not say it', async () => {
    const server = (await servers())
      .on(`HEAD ${BLOB}`, { headers: { 'transfer-encoding': 'chunked' } })
      .on(`GET ${BLOB}`, { status: 206, headers: { 'content-range': 'bytes 0-0/10' }, body: '0' });
    expect(await openScripted(server).registry.statBlob('app', digest)).toBe(10);
  });

  it('is an error where nobody says it', async () => {
    const server = (await servers())
      .on(`HEAD ${BLOB}`, { headers: { 'transfer-encoding': 'chunked' } })
      .on(`GET ${BLOB}`, { body: bytes });
    expect((await failureOf(openScripted(server).registry.statBlob('app', digest))).code).toBe(
      'registry-failed',
    );
  });
});

describe('mounting a blob', () => {
  const MOUNT = `POST /v2/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=team%2Fbase`;

  it('ends the upload that the registry begins instead', async () => {
    const server = (await servers())
      .on(MOUNT, { status: 202, headers: { location: '/u/1' } })
      .on('DELETE /u/1', { status: 500 });
    expect(await openScripted(server).registry.mountBlob('app', digest, 'team/base')).toBe(false);
  });

  it.each([404, 405])('is a no where the registry answers %i', async status => {
    const server = (await servers()).on(MOUNT, { status });
    expect(await openScripted(server).registry.mountBlob('app', digest, 'team/base')).toBe(false);
  });
});
