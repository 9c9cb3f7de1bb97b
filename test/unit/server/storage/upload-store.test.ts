import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import type { Storage } from '../../../../lib/server/storage/storage.ts';
import { until } from '../../../support/e2e-run.ts';
import { newStorage, type StorageFixture, storeBlob, stream } from '../registry/embedded-fixture.ts';

const HOUR = 60 * 60_000;

describe('an upload', () => {
  let fixture: StorageFixture;
  let storage: Storage;
  let now = 0;
  beforeEach(async () => {
    now = Date.UTC(2024, 1, 2);
    fixture = await newStorage(() => now);
    storage = fixture.storage;
  });
  afterEach(() => fixture.stop());

  const files = () => readdirSync(join(fixture.folder, 'uploads'));

  it('becomes a blob from the pieces it was sent in', async () => {
    const digest = digestOf(Buffer.from('hello world'));
    const upload = storage.uploads.start('a');
    await storage.uploads.append(upload, stream('hel', 'lo'));
    expect(upload.size).toBe(5);
    await storage.uploads.append(upload, stream(' wor'));
    await storage.uploads.finish(upload, digest, stream('ld'));
    expect(storage.blobs.stat('a', digest)).toBe(11);
    expect(storage.uploads.find('a', upload.id)).toBeUndefined();
    expect(files()).toEqual([]);
  });

  it('may be empty', async () => {
    const digest = await storeBlob(storage, 'a', '');
    expect(storage.blobs.stat('a', digest)).toBe(0);
  });

  it.each(['sha256', 'sha512'] as const)(
    'may be finished with a sha512 digest when it began as %s',
    async began => {
      const digest = digestOf(Buffer.from('x'), 'sha512');
      await storage.uploads.finish(storage.uploads.start('a', began), digest, stream('x'));
      expect(storage.blobs.stat('a', digest)).toBe(1);
    },
  );

  it('is gone, file and all, when its bytes are not what the digest says', async () => {
    const upload = storage.uploads.start('a');
    const digest = digestOf(Buffer.from('other'));
    const finishing = storage.uploads.finish(upload, digest, stream('bytes'));
    await expect(finishing).rejects.toMatchObject({ code: 'digest-mismatch' });
    expect(storage.blobs.stat('a', digest)).toBeUndefined();
    expect(storage.uploads.find('a', upload.id)).toBeUndefined();
    expect(await until(() => (files().length === 0 ? true : undefined))).toBe(true);
  });

  it('lets no other request in between its last byte and the blob', async () => {
    const upload = storage.uploads.start('a');
    const digest = digestOf(Buffer.from('bytes'));
    let opened = 0;
    Object.defineProperty(upload, 'busy', {
      get: () => false,
      set: (busy: boolean) => {
        if (!busy && storage.blobs.stat('a', digest) === undefined) opened += 1;
      },
    });
    await storage.uploads.finish(upload, digest, stream('bytes'));
    expect(opened).toBe(0);
  });

  it('goes on where its source broke off', async () => {
    const upload = storage.uploads.start('a');
    const breaking = (async function* () {
      yield Buffer.from('hello');
      throw new Error('connection lost');
    })();
    await expect(storage.uploads.append(upload, breaking)).rejects.toThrow('connection lost');
    expect(upload).toMatchObject({ size: 5, busy: false });
    const digest = digestOf(Buffer.from('hello world'));
    await storage.uploads.finish(upload, digest, stream(' world'));
    expect(storage.blobs.stat('a', digest)).toBe(11);
  });

  it('is of one repository', () => {
    const upload = storage.uploads.start('a');
    expect(storage.uploads.find('b', upload.id)).toBeUndefined();
  });

  it('takes bytes from one source at a time', async () => {
    const upload = storage.uploads.start('a');
    const first = storage.uploads.append(upload, stream('one'));
    await expect(storage.uploads.append(upload, stream('two'))).rejects.toThrow('another request');
    await first;
    expect(upload.size).toBe(3);
  });

  it('says disk-full when there is no room, and is gone then', async () => {
    const upload = storage.uploads.start('a');
    symlinkSync('/dev/full', join(fixture.folder, 'uploads', upload.id));
    const append = storage.uploads.append(upload, stream('x'));
    await expect(append).rejects.toMatchObject({ code: 'disk-full' });
    expect(storage.uploads.find('a', upload.id)).toBeUndefined();
  });

  it('is dropped when nobody went on with it for an hour', async () => {
    const idle = storage.uploads.start('a');
    await storage.uploads.append(idle, stream('x'));
    now += HOUR / 2;
    const used = storage.uploads.start('a');
    now += HOUR / 2 + 1;
    storage.uploads.start('a');
    expect(storage.uploads.find('a', idle.id)).toBeUndefined();
    expect(storage.uploads.find('a', used.id)).toBeDefined();
    expect(await until(() => (files().includes(idle.id) ? undefined : true))).toBe(true);
  });

  it('makes room for others once there are thousands, the one used longest ago first', async () => {
    const [first, second] = [storage.uploads.start('a'), storage.uploads.start('a')];
    await storage.uploads.append(first, stream('x'));
    for (let at = 2; at < 4096; at++) storage.uploads.start('a');
    storage.uploads.start('a');
    expect(storage.uploads.find('a', first.id)).toBeDefined();
    expect(storage.uploads.find('a', second.id)).toBeUndefined();
  });
});
