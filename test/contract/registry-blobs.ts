import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { type Digest, digestOf } from '../../lib/image/digest.ts';
import { bytesOf, expectRefusal, pushBlob, readAll, stream } from './registry-content.ts';
import type { Behaviour } from './registry-contract.ts';

const NOWHERE = digestOf(bytesOf('nowhere'));

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
    title: 'takes many blobs at once',
    async run(registry, repository) {
      const blobs = Array.from({ length: 16 }, (_, run) => bytesOf(`blob ${run}`));
      const digests = await Promise.all(blobs.map(bytes => pushBlob(registry, repository, bytes)));
      const readings = await registry.readBlobs(repository, digests);
      expect([...readings.values()].map(({ kind }) => kind)).toEqual(blobs.map(() => 'found'));
    },
  },
];
