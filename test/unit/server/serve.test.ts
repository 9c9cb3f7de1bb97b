import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { logLine } from '../../../lib/server/log-lines.ts';
import { type ServeOptions, type Serving, startServe } from '../../../lib/server/serve.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';
import { pushContent, sampleImage } from '../../support/e2e-images.ts';
import { until } from '../../support/e2e-run.ts';
import { ruleOf } from '../../support/rule.ts';

const PLATFORMS = {
  amd64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64' },
};

describe('startServe', () => {
  let folder: string;
  const running: Serving[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'archweave-serve-'));
  });
  afterEach(async () => {
    for (const serving of running.splice(0)) await serving.close();
    rmSync(folder, { recursive: true });
  });

  async function start(more: Partial<ServeOptions> = {}) {
    const events: ServeEvent[] = [];
    const serving = await startServe({
      listen: { host: '127.0.0.1', port: 0 },
      storageDir: join(folder, 's'),
      open: () => {
        throw new Error('no registry is configured');
      },
      embedded: true,
      log: event => events.push(event),
      ...more,
    });
    running.push(serving);
    await serving.idle();
    const lines = () =>
      events.map(event =>
        logLine(event)
          .slice(11)
          .replace(/ in \d+ ms/, ' in N ms'),
      );
    const push = async (tag: string, arch: keyof typeof PLATFORMS, build = 'one') => {
      const image = sampleImage(PLATFORMS[arch], { build, text: build });
      await pushContent(serving.host, 'app', tag, image);
      await serving.idle();
      return image;
    };
    const digest = async (tag: string) =>
      (await fetch(`${serving.url}v2/app/manifests/${tag}`, { method: 'HEAD' })).headers.get(
        'docker-content-digest',
      );
    return { serving, events, lines, push, digest };
  }

  it('joins two pushes to its own registry, and tells the story once', async () => {
    const { push, lines, digest, serving } = await start();
    const amd64 = await push('1.0-amd64', 'amd64');
    expect(await digest('1.0')).toBeNull();
    const arm64 = await push('1.0-arm64', 'arm64');
    const index = await digest('1.0');
    expect(lines()).toEqual([
      `push       app:1.0-amd64  linux/amd64  ${amd64.digest.slice(0, 19)}`,
      'waiting    app:1.0        1 of 2 there, linux/arm64 is missing',
      `push       app:1.0-arm64  linux/arm64  ${arm64.digest.slice(0, 19)}`,
      `published  app:1.0        linux/amd64 linux/arm64  ${index?.slice(0, 19)}  in N ms`,
    ]);
    expect(serving.inHand).toBe(0);
    await push('1.0-arm64', 'arm64');
    expect(lines()).toHaveLength(5);
  });

  it('waits where the builds are mixed, and keeps the tag', async () => {
    const { push, lines, digest } = await start();
    await push('1.0-amd64', 'amd64');
    await push('1.0-arm64', 'arm64');
    const before = await digest('1.0');
    await push('1.0-amd64', 'amd64', 'two');
    expect(lines().at(-1)).toBe('waiting    app:1.0        linux/amd64 is from two, linux/arm64 from one');
    expect(await digest('1.0')).toBe(before);
  });

  it('finds after a start what was left over, under another port too, and fights nobody', async () => {
    const first = await start();
    await first.push('1.0-amd64', 'amd64');
    await first.push('1.0-arm64', 'arm64');
    await first.push('2.0-amd64', 'amd64');
    await fetch(`${first.serving.url}v2/app/manifests/1.0`, { method: 'DELETE' });
    await first.serving.idle();
    expect(first.lines().at(-2)).toMatch(/^delete {5}app:1\.0 +sha256:/);
    expect(first.lines().at(-1)).toMatch(/^held +app:1\.0 +a person deleted 1\.0/);
    await first.serving.close();

    const second = await start();
    expect(second.serving.host).not.toBe(first.serving.host);
    expect(await second.digest('1.0')).toBeNull();
    expect(second.lines()).toEqual([]);
    await second.push('2.0-arm64', 'arm64');
    expect(second.lines().at(-1)).toContain('published  app:2.0');
  });

  it('looks by itself, and says so', async () => {
    const registry = new MemoryRegistry();
    const host = '127.0.0.1:5001';
    const { events, lines } = await start({
      embedded: false,
      reconcileEvery: 50,
      open: () => registry,
      config: { registries: [{ name: 'local', host }], rules: [ruleOf(host)] },
    });
    for (const [arch, platform] of Object.entries(PLATFORMS)) {
      const image = sampleImage(platform);
      for (const { digest, bytes } of image.blobs) {
        await registry.writeBlob('lost', { digest: digest as never, size: bytes.length }, async function* () {
          yield bytes;
        });
      }
      const { bytes, digest, mediaType } = image;
      await registry.writeManifest('lost', `1.0-${arch}`, { bytes, mediaType, digest: digest as never });
    }
    await until(() => events.some(({ kind }) => kind === 'published') || undefined);
    expect(lines().at(-1)).toMatch(
      /^published {2}lost:1\.0 {7}linux\/amd64 linux\/arm64 {2}sha256:[0-9a-f]{12} {2}in N ms, found by looking, no event came$/,
    );
  });

  it('takes events at the hook of a registry, and tells of the first', async () => {
    const registry = new MemoryRegistry();
    const host = '127.0.0.1:5001';
    const { serving, lines } = await start({
      open: () => registry,
      config: { registries: [{ name: 'local', host, reconcile: 60_000 }], rules: [ruleOf(host)] },
    });
    expect(serving.hooks).toEqual([{ name: 'local', url: `${serving.url}hooks/local`, every: 60_000 }]);
    const token = readFileSync(join(folder, 's', 'hook-token'), 'utf8').trim();
    const event = {
      action: 'push',
      id: '1',
      timestamp: '2026-11-22T10:00:00Z',
      target: { repository: 'app', tag: '1.0-amd64', digest: `sha256:${'a'.repeat(64)}` },
      request: { host: 'evil.example' },
    };
    const send = () =>
      fetch(serving.hooks[0]!.url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events: [event] }),
      });
    expect([(await send()).status, (await send()).status]).toEqual([202, 202]);
    expect(lines().slice(0, 2)).toEqual([
      'event      local          the first event of 127.0.0.1:5001 came',
      'push       app:1.0-amd64  sha256:aaaaaaaaaaaa',
    ]);
    expect(lines().join('\n')).not.toContain(token);
  });

  it('says once why a registry cannot be read, and when it can again', async () => {
    const registry = new MemoryRegistry();
    const { ArchweaveError } = await import('../../../lib/errors.ts');
    let broken = true;
    const failing = Object.assign(Object.create(registry), {
      listTags: registry.listTags.bind(registry),
      resolveReferences: registry.resolveReferences.bind(registry),
      listRepositories: () => {
        if (broken) throw new ArchweaveError({ code: 'unreachable', attempt: 'list lan', retryable: true });
        return registry.listRepositories();
      },
    });
    for (const name of [
      'readManifests',
      'readBlobs',
      'statBlob',
      'openBlob',
      'writeManifest',
      'immutableTags',
    ] as const)
      failing[name] = registry[name].bind(registry);
    const { events, lines, serving } = await start({
      embedded: false,
      reconcileEvery: 5,
      open: () => failing,
      config: { registries: [{ name: 'lan', host: 'lan:5000' }], rules: [ruleOf('lan:5000')] },
    });
    await new Promise(resolve => setTimeout(resolve, 100));
    broken = false;
    await until(() => events.some(({ kind }) => kind === 'readable-again') || undefined);
    expect(lines()).toEqual([
      'unread     lan:5000       cannot list lan: nothing answers  [unreachable]',
      'read       lan:5000       can be read again',
    ]);
    expect((await fetch(`${serving.url}healthz`)).status).toBe(200);
  });

  it('answers for its health, says what it is, and refuses the rest', async () => {
    const { serving } = await start();
    const ask = async (path: string, init?: RequestInit) =>
      (await fetch(`${serving.url}${path}`, init)).status;
    const health = await fetch(`${serving.url}healthz`);
    expect([health.status, await health.text(), health.headers.get('server')]).toEqual([
      200,
      'ok\n',
      expect.stringMatching(/^archweave\/\d/),
    ]);
    expect(await ask('', { method: 'POST' })).toBe(405);
    expect(await ask('healthz', { method: 'POST' })).toBe(405);
    expect(await ask('hooks/x', { method: 'POST' })).toBe(401);
    expect(await ask('v2/')).toBe(200);
    expect(await ask('v2x')).toBe(404);
    expect(await ask('etc/passwd')).toBe(404);
  });

  it('answers to the names of this machine only', async () => {
    const { serving } = await start();
    const [, port] = serving.host.split(':');
    const as = (host: string, path: string) =>
      new Promise<number>((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, answer => {
          answer.resume();
          resolve(answer.statusCode!);
        });
        asked.on('error', reject).end();
      });
    for (const path of ['/', '/v2/', '/healthz', '/hooks/x'])
      expect(await as('evil.example', path)).toBe(421);
    expect(await as(`evil.example:${port}`, '/v2/')).toBe(421);
    expect(await as('127.0.0.1.evil.example', '/v2/')).toBe(421);
    for (const host of [serving.host, `localhost:${port}`, `[::1]:${port}`])
      expect(await as(host, '/v2/')).toBe(200);
  });

  it('lets nobody in who has no name, where there are names', async () => {
    const users = (name: string, password: string) => name === 'ann' && password === 'pw';
    const { serving } = await start({ users });
    expect((await fetch(`${serving.url}v2/`)).status).toBe(401);
    const headers = { authorization: `Basic ${btoa('ann:pw')}` };
    expect((await fetch(`${serving.url}v2/`, { headers })).status).toBe(200);
  });

  it('refuses to let everybody in from outside, before anything is made', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      await expect(start({ listen: { host, port: 0 } })).rejects.toMatchObject({
        code: 'open-to-all',
        next: expect.stringContaining('--users FILE'),
      });
    }
    expect(existsSync(join(folder, 's'))).toBe(false);
    const { serving } = await start({ listen: { host: '0.0.0.0', port: 0 }, anonymous: 'pull' });
    expect(serving.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await fetch(`${serving.url}v2/`)).status).toBe(200);
    const push = await fetch(`${serving.url}v2/app/blobs/uploads/`, { method: 'POST' });
    expect(push.status).toBe(401);
  });

  it('says who has the port, and makes nothing', async () => {
    const { serving } = await start();
    const port = Number(serving.host.split(':')[1]);
    const again = start({ listen: { host: '127.0.0.1', port }, storageDir: join(folder, 'other') });
    await expect(again).rejects.toMatchObject({
      code: 'port-in-use',
      where: expect.stringMatching(
        new RegExp(`^node \\(pid ${process.pid}\\) since \\d\\d:\\d\\dZ answers as archweave \\d`),
      ),
      next: `open ${serving.url} or choose another port: archweave serve --listen 127.0.0.1:${port + 1}`,
    });
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });

  it('says nothing about who answers where that is somebody else', async () => {
    const other = createServer((_, answer) => answer.end('hello')).listen(0, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
        code: 'port-in-use',
        next: `choose another port: archweave serve --listen 127.0.0.1:${port + 1}`,
      });
    } finally {
      other.close();
    }
  });

  it('leaves its port free where the storage is in use', async () => {
    const { serving } = await start();
    const port = Number(serving.host.split(':')[1]);
    let taken = 0;
    const failed = start({
      listen: {
        host: '127.0.0.1',
        get port() {
          taken += 1;
          return 0;
        },
      },
    });
    await expect(failed).rejects.toMatchObject({ code: 'storage-in-use' });
    expect(taken).toBeGreaterThan(0);
    await serving.close();
    await serving.close();
    const again = await start({ listen: { host: '127.0.0.1', port } });
    expect(again.serving.url).toBe(serving.url);
  });

  it('refuses an address that this machine does not have', async () => {
    await expect(start({ listen: { host: '192.0.2.1', port: 0 }, anonymous: 'pull' })).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});
