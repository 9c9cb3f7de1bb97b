import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();
const busy = (status: number, headers = {}) => ({ status, headers, body: { errors: [] } });

describe('a deadline', () => {
  it.each([
    ['hangs', () => {}],
    ['hangs after its headers', (_: unknown, response: ServerResponse) => response.flushHeaders()],
    [
      'sends a byte now and then',
      (_: unknown, response: ServerResponse) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.once('close', () => clearInterval(timer));
      },
    ],
  ])('ends the reading from a registry that %s, and is not begun again', async (_, script) => {
    const server = (await servers()).on(`GET ${AT}`, script);
    const began = performance.now();
    const failure = await failureOf(read(openScripted(server, { timeout: 400 }).registry));
    expect(failure).toMatchObject({ code: 'timeout', retryable: true });
    expect(failure.reason).toContain('400 ms');
    expect(performance.now() - began).toBeLessThan(3_000);
    expect(server.seen).toHaveLength(1);
  });

  it('ends a write, which is not sent again', async () => {
    const server = (await servers()).on(`PUT ${AT}`, () => {});
    const { registry } = openScripted(server, { timeout: 400 });
    expect((await failureOf(registry.writeManifest('app', '1.0', image))).code).toBe('timeout');
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['which says that it was stopped', undefined, 'interrupted'],
    ['unless that ends because its own time is up', new DOMException('late', 'TimeoutError'), 'timeout'],
  ])("is not the caller's signal, %s", async (_, reason, code) => {
    const stopping = new AbortController();
    const server = (await servers()).on(`GET ${AT}`, () => stopping.abort(reason));
    const work = openScripted(server).registry.readManifests('app', ['1.0'], { signal: stopping.signal });
    expect((await failureOf(work)).code).toBe(code);
  });
});

describe('reading again', () => {
  it.each([500, 502, 503, 504, 429])('goes on after a %i, with longer and longer waits', async status => {
    const server = (await servers()).on(`GET ${AT}`, busy(status), busy(status), busy(status), served(image));
    const { registry, waits } = openScripted(server);
    expect(await read(registry)).toMatchObject({ kind: 'found' });
    expect(waits).toEqual([200, 400, 800]);
  });

  it.each([
    ['in front of its answer', (_: unknown, response: ServerResponse) => response.destroy()],
    [
      'in the middle of the body',
      (_: unknown, response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"a":', () => response.destroy());
      },
    ],
  ])('goes on after a connection that broke %s', async (_, broken) => {
    const server = (await servers()).on(`GET ${AT}`, served(image), broken, broken, served(image));
    const { registry, waits } = openScripted(server);
    await read(registry);
    expect(await read(registry)).toMatchObject({ kind: 'found' });
    expect(waits).toHaveLength(2);
  });

  it('waits as long as Retry-After asks, in seconds or until a date', async () => {
    const now = Date.parse('2026-11-22T10:00:00Z');
    const server = (await servers()).on(
      `GET ${AT}`,
      busy(429, { 'retry-after': '7' }),
      busy(503, { 'retry-after': 'Sun, 22 Nov 2026 10:00:09 GMT' }),
      served(image),
    );
    const { registry, waits } = openScripted(server, { now: () => now, retry: { random: () => 0 } });
    await read(registry);
    expect(waits).toEqual([7_000, 9_000]);
  });

  it('gives up at once where Retry-After asks for more than is waited for, and says how much', async () => {
    const server = (await servers()).on(`GET ${AT}`, busy(429, { 'retry-after': '3600' }));
    const { registry, waits } = openScripted(server);
    const failure = await failureOf(read(registry));
    expect(failure).toMatchObject({ code: 'throttled', status: 429, retryAfter: 3600, retryable: true });
    expect(failure.reason).toBe('asked to slow down for 3600 s, gave up after 1 try');
    expect(waits).toEqual([]);
  });

  it('gives up after five tries', async () => {
    const server = (await servers()).always(`GET ${AT}`, busy(429, { 'retry-after': '1' }));
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.reason).toBe('asked to slow down for 1 s, gave up after 5 tries');
    expect(server.seen).toHaveLength(5);
  });

  it('does not try again what will stay as it is', async () => {
    const server = (await servers()).on(`GET ${AT}`, busy(501));
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure).toMatchObject({ code: 'registry-failed', status: 501, retryable: false });
  });

  it('stops waiting with the signal', async () => {
    const server = (await servers()).on(`GET ${AT}`, busy(503));
    const stopping = new AbortController();
    const { registry } = openScripted(server, {
      retry: {
        sleep: async () => {
          stopping.abort();
          throw stopping.signal.reason;
        },
      },
    });
    const work = registry.readManifests('app', ['1.0'], { signal: stopping.signal });
    expect((await failureOf(work)).code).toBe('interrupted');
    expect(server.seen).toHaveLength(1);
  });
});

describe('a write under a tag', () => {
  it.each([500, 502, 503, 504])('is not sent again after a %i', async status => {
    const server = (await servers()).on(`PUT ${AT}`, busy(status));
    const failure = await failureOf(openScripted(server).registry.writeManifest('app', '1.0', image));
    expect(failure).toMatchObject({ code: 'registry-failed', retryable: true });
    expect(server.seen).toHaveLength(1);
  });

  it('is not sent again after a connection that broke', async () => {
    const server = (await servers()).on(`GET ${AT}`, served(image));
    const { registry } = openScripted(server);
    await read(registry);
    server.on(`PUT ${AT}`, (_, response) => response.destroy());
    expect((await failureOf(registry.writeManifest('app', '1.0', image))).code).toBe('unreachable');
    expect(server.seen).toHaveLength(2);
  });

  it('is sent again after a 429, which says that it was not taken', async () => {
    const server = (await servers()).on(`PUT ${AT}`, busy(429, { 'retry-after': '2' }), { status: 201 });
    const { registry, waits } = openScripted(server);
    await registry.writeManifest('app', '1.0', image);
    expect(waits).toEqual([2_500]);
    expect(server.seen[1]!.body).toEqual(Buffer.from(image.bytes));
  });

  it('is sent again by digest, which says the same whenever it lands', async () => {
    const line = `PUT /v2/app/manifests/${image.digest}`;
    const server = (await servers()).on(line, busy(503), { status: 201 });
    await openScripted(server).registry.writeManifest('app', image.digest, image);
    expect(server.seen).toHaveLength(2);
  });

  it('fails where the registry says that it stored something else', async () => {
    const headers = { 'docker-content-digest': imageOf('other').digest };
    const server = (await servers()).on(`PUT ${AT}`, { status: 201, headers });
    const failure = await failureOf(openScripted(server).registry.writeManifest('app', '1.0', image));
    expect(failure.code).toBe('digest-mismatch');
  });
});
