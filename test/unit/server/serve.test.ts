import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import type { ServeOptions } from '../../../lib/server/serve.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { until } from '../../support/e2e-run.ts';
import { ruleOf } from '../../support/rule.ts';
import { PLATFORMS, servingRoom } from '../../support/serving.ts';

describe('serve', () => {
  let room: ReturnType<typeof servingRoom>;
  beforeEach(() => {
    room = servingRoom();
  });
  afterEach(() => room.end());
  const start = (more?: Partial<ServeOptions>) => room.start(more);

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
    expect(serving.hooks).toEqual([
      { name: 'local', url: `${serving.url}hooks/local`, every: 60_000, own: false },
    ]);
    const token = readFileSync(join(room.folder, 's', 'hook-token'), 'utf8').trim();
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
});
