import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { selfSigned } from '../../../support/self-signed.ts';
import { failureOf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();
const tls = selfSigned();

const listening: { stop(): void }[] = [];
afterEach(() => {
  for (const server of listening.splice(0)) server.stop();
});

/** A port where each connection meets `answer`. */
async function port(answer: (socket: Socket, nth: number) => void): Promise<string> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket.on('error', () => {}));
    answer(socket, ++count);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  listening.push({
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('a registry on this machine', () => {
  it('is spoken to in plain http without being told', async () => {
    const server = (await servers()).on(`GET ${AT}`, served(image));
    expect(await read(openScripted(server).registry)).toMatchObject({ kind: 'found' });
  });

  it('is spoken to in https where its port speaks TLS', async () => {
    const server = await servers(tls);
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.code).toBe('bad-certificate');
    expect(failure.where).toContain(`GET https://${server.host}/`);
    expect(failure.next).toBe('--ca FILE');
    expect(failure.reason).toMatch(/^its certificate is not trusted \(.*self.signed.*\)$/);
  });

  it('is spoken to in https where a server in Go says that it should be', async () => {
    let hellos = 0;
    const host = await port(socket =>
      socket.once('data', data => {
        // A TLS handshake begins with 0x16.
        if (data[0] === 0x16) hellos++;
        else
          socket.write('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n');
        socket.end();
      }),
    );
    await failureOf(read(openScripted({ host }, { retry: { tries: 1 } }).registry));
    expect(hellos).toBe(1);
  });

  it('stays with plain http where the connection broke and no TLS is spoken', async () => {
    const host = await port((socket, nth) => {
      if (nth <= 2) socket.destroy();
      else socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n'));
    });
    expect(await read(openScripted({ host }).registry)).toEqual({ kind: 'absent' });
  });

  it('does not get a write under a tag twice while that is found out', async () => {
    const puts: string[] = [];
    const host = await port(socket =>
      socket.once('data', data => {
        if (data.toString('latin1').startsWith('PUT ')) puts.push('PUT');
        socket.destroy();
      }),
    );
    await failureOf(openScripted({ host }).registry.writeManifest('app', '1.0', image));
    expect(puts).toEqual(['PUT']);
  });

  it('is spoken to in https only where that was said', async () => {
    const server = await servers();
    const failure = await failureOf(read(openScripted(server, { plainHttp: false }).registry));
    expect(failure.code).toBe('not-a-registry');
    expect(server.seen).toEqual([]);
  });
});

describe('a registry that cannot be reached', () => {
  it('refuses, and is not tried again', async () => {
    const host = await port(() => {});
    for (const server of listening.splice(0)) server.stop();
    const { registry, lines } = openScripted({ host });
    const failure = await failureOf(read(registry));
    expect(failure).toMatchObject({
      code: 'unreachable',
      reason: `nothing answers on ${host} (connection refused)`,
      where: `GET http://${host}${AT} -> connection refused`,
      next: `is it running? curl -i http://${host}/v2/`,
      retryable: true,
    });
    expect(lines.map(({ status }) => status)).toEqual([0]);
  });

  it('has no such name', async () => {
    const failure = await failureOf(read(openScripted({ host: 'no-such-host.invalid' }).registry));
    expect(failure.code).toBe('unreachable');
    expect(failure.where).toContain('GET https://no-such-host.invalid/');
  });

  it('speaks something else than http', async () => {
    const host = await port(socket => socket.once('data', () => socket.write('500 what?\r\n')));
    const failure = await failureOf(read(openScripted({ host }, { plainHttp: true }).registry));
    expect(failure.code).toBe('not-a-registry');
  });

  it('speaks plain http where https is a must', async () => {
    const fetch: typeof globalThis.fetch = async () => {
      const cause = Object.assign(new Error('wrong version number'), {
        code: 'ERR_SSL_WRONG_VERSION_NUMBER',
      });
      throw new TypeError('fetch failed', { cause });
    };
    const failure = await failureOf(read(openScripted({ host: 'registry.lan:5000' }, { fetch }).registry));
    expect(failure).toMatchObject({
      code: 'not-https',
      reason: 'registry.lan:5000 speaks plain http and is not loopback',
      next: '--plain-http, or plainHttp: true in archweave.yaml',
    });
  });
});

describe('the host of Docker Hub', () => {
  it('is another than its name', async () => {
    const asked: string[] = [];
    const fetch: typeof globalThis.fetch = async input => {
      asked.push(String(input));
      return new Response(null, { status: 404 });
    };
    const { registry } = openScripted({ host: 'docker.io' }, { fetch });
    await registry.readManifests('library/alpine', ['3']);
    expect(asked).toEqual(['https://registry-1.docker.io/v2/library/alpine/manifests/3']);
  });
});

describe("certificates of one's own", () => {
  it('are trusted once they were given', async () => {
    const server = (await servers(tls)).on('GET /v2/', {}).on(`GET ${AT}`, served(image));
    const before = process.getBuiltinModule('node:tls').getCACertificates('default');
    try {
      expect(await read(openScripted(server, { ca: tls.cert }).registry)).toMatchObject({ kind: 'found' });
    } finally {
      process.getBuiltinModule('node:tls').setDefaultCACertificates(before);
    }
  });
});
