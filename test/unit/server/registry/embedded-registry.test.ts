import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { EmbeddedRegistry } from '../../../../lib/server/registry/embedded-registry.ts';
import { registryRoutes } from '../../../../lib/server/registry/routes.ts';
import type { StorageEvent } from '../../../../lib/server/storage/storage.ts';
import { imageOf, newStorage, type StorageFixture, storeBlob, stream } from './embedded-fixture.ts';

const NOW = '2024-02-02T00:00:00.000Z';

describe('the embedded registry, in-process', () => {
  let fixture: StorageFixture;
  let registry: EmbeddedRegistry;
  beforeEach(async () => {
    fixture = await newStorage(() => Date.parse(NOW));
    registry = new EmbeddedRegistry(fixture.storage);
    await storeBlob(fixture.storage, 'a', '{}');
  });
  afterEach(() => fixture.stop());

  const collect = async <T>(pages: AsyncIterable<readonly T[]>) => {
    const all: (readonly T[])[] = [];
    for await (const page of pages) all.push(page);
    return all;
  };
  const spoil = (text: string) => {
    const hex = digestOf(Buffer.from(text)).slice('sha256:'.length);
    writeFileSync(join(fixture.folder, 'blobs', 'sha256', hex.slice(0, 2), hex), 'x'.repeat(text.length));
  };

  it('lists thousands of tags in pages, with digests and times', async () => {
    const tags = Array.from({ length: 2001 }, (_, n) => `v${String(n).padStart(4, '0')}`);
    fixture.storage.putManifest('a', imageOf('{}'), tags);
    const pages = await collect(registry.listTags('a'));
    expect(pages.map(page => page.length)).toEqual([1000, 1000, 1]);
    expect(pages.flat().map(({ tag }) => tag)).toEqual(tags);
    expect(pages[2]).toEqual([{ tag: 'v2000', digest: imageOf('{}').digest, pushedAt: NOW }]);
  });

  it('says when a tag was pushed where it reads it', async () => {
    await registry.writeManifest('a', '1', imageOf('{}'));
    const readings = await registry.readManifests('a', ['1', imageOf('{}').digest, '2']);
    expect([...readings.values()]).toEqual([
      expect.objectContaining({ kind: 'found', pushedAt: NOW }),
      expect.not.objectContaining({ pushedAt: NOW }),
      { kind: 'absent' },
    ]);
  });

  it('tells the same listeners as HTTP does', async () => {
    const events: StorageEvent[] = [];
    const app = registryRoutes(fixture.storage, { onEvent: event => events.push(event) });
    const image = imageOf('{}');
    await registry.writeManifest('a', '1', image);
    const headers = { 'Content-Type': image.mediaType };
    await app.request('/v2/a/manifests/2', { method: 'PUT', headers, body: Buffer.from(image.bytes) });
    await registry.deleteManifest('a', '1');
    await app.request('/v2/a/manifests/2', { method: 'DELETE' });
    expect(events.map(({ action, tag }) => `${action} ${tag}`)).toEqual([
      'push 1',
      'push 2',
      'delete 1',
      'delete 2',
    ]);
  });

  it('does not trust a blob whose file was changed', async () => {
    const digest = await storeBlob(fixture.storage, 'a', 'hello');
    spoil('hello');
    const readings = await registry.readBlobs('a', [digest]);
    expect(readings.get(digest)).toMatchObject({ kind: 'unreadable', error: { code: 'digest-mismatch' } });
  });

  it('reads no blob that is larger than asked for', async () => {
    const digest = await storeBlob(fixture.storage, 'a', 'hello');
    const readings = await registry.readBlobs('a', [digest], { maxBytes: 4 });
    expect(readings.get(digest)).toMatchObject({ kind: 'unreadable', error: { code: 'too-large' } });
  });

  it.each([
    ['a name', 'A', '1'],
    ['a name with a way out', '../a', '1'],
    ['a tag', 'a', 'no/tag'],
  ])('refuses %s that is none', async (_, repository, tag) => {
    const writing = registry.writeManifest(repository, tag, imageOf('{}'));
    await expect(writing).rejects.toMatchObject({ code: 'bad-reference' });
  });

  it('leaves no upload behind where a source breaks off', async () => {
    const broken = (async function* () {
      yield Buffer.from('x');
      throw new Error('connection lost');
    })();
    const digest = digestOf(Buffer.from('xy'));
    const writing = registry.writeBlob('a', { digest, size: 2 }, () => broken);
    await expect(writing).rejects.toThrow('connection lost');
    expect(await registry.statBlob('a', digest)).toBeUndefined();
    await registry.writeBlob('a', { digest, size: 2 }, () => stream('x', 'y'));
    expect(await registry.statBlob('a', digest)).toBe(2);
  });

  it('ends a long read where it is told to', async () => {
    const digest = await storeBlob(fixture.storage, 'a', 'x'.repeat(1_000_000));
    const controller = new AbortController();
    const reading = await registry.openBlob('a', digest, { signal: controller.signal });
    const read = async () => {
      for await (const piece of reading) controller.abort(new Error(`after ${piece.length}`));
    };
    await expect(read()).rejects.toMatchObject({ code: 'interrupted' });
  });
});
