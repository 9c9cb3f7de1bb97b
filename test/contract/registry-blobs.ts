import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { type Digest, digestOf } from '../../lib/image/digest.ts';
import type { BlobUploader, Registry, UploadState } from '../../lib/registry/interfaces.ts';
import { bytesOf, expectRefusal, pushBlob, readAll, stream } from './registry-content.ts';
import type { Behaviour } from './registry-contract.ts';

const NOWHERE = digestOf(bytesOf('nowhere'));

/** The embedded one, in-process, takes each blob in one piece. */
function isUploader(registry: Registry): registry is Registry & BlobUploader {
  return 'uploadBlob' in registry;
}

/** What every registry does with blobs. */
export const blobBehaviours: readonly Behaviour[] = [
  {
    title: 'gives back a small blob, and says of others that they are absent',
    async run(registry, repository) {
      const bytes = bytesOf('{"os":"linux"}');
      const digest = await pushBlob(registry, repository, bytes);
      const readings = await registry.readBlobs(repository, [digest, NOWHERE]);
      const reading = readings.get(digest);
      expect(reading?.kind === 'found' && Buffer.from(reading.bytes)).toEqual(Buffer.from(bytes));
      expect(readings.get(NOWHERE)).toEqual({ kind: 'absent' });
    },
  },
  {
    title: 'reads no blob beyond the size that the caller allows',
    async run(registry, repository) {
      const digest = await pushBlob(registry, repository, bytesOf('a little too long'));
      const reading = (await registry.readBlobs(repository, [digest], { maxBytes: 8 })).get(digest);
      expect(reading).toMatchObject({ kind: 'unreadable', error: { code: 'too-large' } });
    },
  },
  {
    title: 'knows the size of a blob without reading it',
    async run(registry, repository) {
      const digest = await pushBlob(registry, repository, bytesOf('twelve bytes'));
      expect(await registry.statBlob(repository, digest)).toBe(12);
      expect(await registry.statBlob(repository, NOWHERE)).toBeUndefined();
    },
  },
  {
    title: 'takes a large blob in parts and gives it back whole, or from an offset on',
    async run(registry, repository) {
      const bytes = new Uint8Array(randomBytes(5_000_011));
      const digest = await pushBlob(registry, repository, bytes);
      expect(digestOf(await readAll(await registry.openBlob(repository, digest)))).toBe(digest);
      const rest = await readAll(await registry.openBlob(repository, digest, { offset: 4_999_001 }));
      expect(rest.equals(bytes.subarray(4_999_001))).toBe(true);
      expect(
        await readAll(await registry.openBlob(repository, digest, { offset: bytes.length })),
      ).toHaveLength(0);
    },
  },
  {
    title: 'takes a blob without any bytes',
    async run(registry, repository) {
      const digest = await pushBlob(registry, repository, new Uint8Array(0));
      expect(await registry.statBlob(repository, digest)).toBe(0);
    },
  },
  {
    title: 'takes a blob named by its sha512',
    async run(registry, repository) {
      const bytes = bytesOf('by its longer digest');
      const digest = digestOf(bytes, 'sha512');
      await registry.writeBlob(repository, { digest, size: bytes.length }, () => stream(bytes));
      const reading = (await registry.readBlobs(repository, [digest])).get(digest);
      expect(reading).toMatchObject({ kind: 'found' });
    },
  },
  {
    title: 'does not open the source of a blob that is there already',
    async run(registry, repository) {
      const bytes = bytesOf('once');
      const digest = await pushBlob(registry, repository, bytes);
      await registry.writeBlob(repository, { digest, size: bytes.length }, () => {
        throw new Error('the source was opened');
      });
    },
  },
  {
    title: 'refuses a blob whose bytes are not what its digest says, and keeps nothing of it',
    async run(registry, repository) {
      const bytes = bytesOf('wrong');
      const digest: Digest = `sha256:${'0'.repeat(64)}`;
      const work = registry.writeBlob(repository, { digest, size: bytes.length }, () => stream(bytes));
      await expectRefusal(work, 'digest-mismatch');
      expect(await registry.statBlob(repository, digest)).toBeUndefined();
    },
  },
  {
    title: 'says that a blob cannot be opened that is not there',
    async run(registry, repository) {
      await expectRefusal(registry.openBlob(repository, NOWHERE), 'not-found');
    },
  },
  {
    title: 'takes a blob over from another of its repositories',
    async run(registry, repository) {
      const digest = await pushBlob(registry, `${repository}/from`, bytesOf('mounted'));
      expect(await registry.mountBlob(repository, digest, `${repository}/from`)).toBe(true);
      expect(await registry.statBlob(repository, digest)).toBe(7);
    },
  },
  {
    title: 'takes no blob over that the other repository does not have',
    async run(registry, repository) {
      expect(await registry.mountBlob(repository, NOWHERE, `${repository}/from`)).toBe(false);
      expect(await registry.statBlob(repository, NOWHERE)).toBeUndefined();
    },
  },
  {
    title: 'takes a blob in slices, each begun where the one before it ended, by another process too',
    async run(registry, repository) {
      if (!isUploader(registry)) return;
      const bytes = new Uint8Array(randomBytes(12_000_011));
      const blob = { digest: digestOf(bytes), size: bytes.length };
      let at: UploadState | undefined;
      const reached: number[] = [];
      while (!at?.done) {
        const open = (offset: number) => stream(bytes, offset);
        at = await registry.uploadBlob(repository, blob, open, at, { most: 5_000_000 });
        reached.push(at.offset);
        at = JSON.parse(JSON.stringify(at)) as UploadState;
        if (!at.done) at = await registry.findUpload(repository, at);
      }
      expect(reached.length).toBeGreaterThan(1);
      expect(reached).toEqual(reached.toSorted((a, b) => a - b));
      expect(await registry.statBlob(repository, blob.digest)).toBe(bytes.length);
    },
  },
  {
    title: 'pauses a blob in good order and goes on from there',
    async run(registry, repository) {
      if (!isUploader(registry)) return;
      const bytes = new Uint8Array(randomBytes(12_000_011));
      const blob = { digest: digestOf(bytes), size: bytes.length };
      const pause = new AbortController();
      const open = async function* (offset: number) {
        for (let from = offset; from < bytes.length; from += 1_000_000) {
          if (from >= 6_000_000) pause.abort();
          yield bytes.subarray(from, from + 1_000_000);
        }
      };
      const paused = await registry.uploadBlob(repository, blob, open, undefined, { pause: pause.signal });
      expect(paused.done).toBe(false);
      expect(paused.offset).toBeGreaterThan(5_000_000);
      const done = await registry.uploadBlob(repository, blob, open, paused);
      expect(done).toEqual({ offset: bytes.length, done: true });
      expect(await registry.statBlob(repository, blob.digest)).toBe(bytes.length);
    },
  },
  {
    title: 'takes many blobs at once',
    async run(registry, repository) {
      const blobs = Array.from({ length: 16 }, (_, run) => bytesOf(`blob ${run}`));
      const digests = await Promise.all(blobs.map(bytes => pushBlob(registry, repository, bytes)));
      const readings = await registry.readBlobs(repository, digests);
      expect([...readings.values()].map(({ kind }) => kind)).toEqual(blobs.map(() => 'found'));
    },
  },
];
