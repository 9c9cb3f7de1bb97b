import { existsSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../../lib/image/digest.ts';
import type { Storage } from '../../../../lib/server/storage/storage.ts';
import { newStorage, type StorageFixture, storeBlob } from '../registry/embedded-fixture.ts';

describe('blobs', () => {
  let fixture: StorageFixture;
  let storage: Storage;
  beforeEach(async () => {
    fixture = await newStorage();
    storage = fixture.storage;
  });
  afterEach(() => fixture.stop());

  const fileOf = (digest: Digest) => {
    const [algorithm, hex] = digest.split(':') as [string, string];
    return join(fixture.folder, 'blobs', algorithm, hex.slice(0, 2), hex);
  };
  const textOf = async (digest: Digest, start: number, length: number) =>
    await new Response(storage.blobs.read(digest, start, length)).text();

  it('are read from any byte on', async () => {
    const digest = await storeBlob(storage, 'a', 'hello world');
    expect(await textOf(digest, 0, 11)).toBe('hello world');
    expect(await textOf(digest, 6, 3)).toBe('wor');
  });

  it('are of the repositories that they were pushed to', async () => {
    const digest = await storeBlob(storage, 'a', 'x');
    expect(storage.blobs.stat('a', digest)).toBe(1);
    expect(storage.blobs.stat('b', digest)).toBeUndefined();
  });

  it('are mounted from a repository that has them, and from no other', async () => {
    const digest = await storeBlob(storage, 'a', 'x');
    expect(storage.blobs.mount('c', digest, 'b')).toBe(false);
    expect(storage.blobs.stat('c', digest)).toBeUndefined();
    expect(storage.blobs.mount('c', digest, 'a')).toBe(true);
    expect(storage.blobs.stat('c', digest)).toBe(1);
  });

  it('are found by themselves where no repository is named', async () => {
    const digest = await storeBlob(storage, 'a', 'x');
    expect(storage.blobs.mount('b', digest)).toBe(true);
    expect(storage.blobs.stat('b', digest)).toBe(1);
  });

  it('stay on the disk until the last repository gives them up', async () => {
    const digest = await storeBlob(storage, 'a', 'x');
    await storeBlob(storage, 'b', 'x');
    expect(storage.blobs.delete('a', digest)).toBe(true);
    expect(storage.blobs.delete('a', digest)).toBe(false);
    expect(storage.blobs.stat('b', digest)).toBe(1);
    expect(existsSync(fileOf(digest))).toBe(true);
    expect(storage.blobs.delete('b', digest)).toBe(true);
    expect(existsSync(fileOf(digest))).toBe(false);
  });

  it.each([
    ['lost', (file: string) => rmSync(file)],
    ['cut short', (file: string) => truncateSync(file, 1)],
  ])('are not there when their file was %s by other hands, and a push mends it', async (_, damage) => {
    const digest = await storeBlob(storage, 'a', 'hello');
    damage(fileOf(digest));
    expect(storage.blobs.stat('a', digest)).toBeUndefined();
    expect(storage.blobs.mount('b', digest)).toBe(false);
    await storeBlob(storage, 'a', 'hello');
    expect(await textOf(digest, 0, 5)).toBe('hello');
  });

  it('fail the reader when they end too soon', async () => {
    const digest = await storeBlob(storage, 'a', 'hello');
    const reading = storage.blobs.read(digest, 0, 5);
    truncateSync(fileOf(digest), 2);
    await expect(new Response(reading).text()).rejects.toThrow();
  });
});
