import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../../../lib/image/digest.ts';
import type { Manifest } from '../../../../lib/image/manifest.ts';
import { OCI_INDEX } from '../../../../lib/image/media-types.ts';
import type { Storage, StorageEvent } from '../../../../lib/server/storage/storage.ts';
import {
  imageOf,
  manifestOf,
  newStorage,
  type StorageFixture,
  storeBlob,
} from '../registry/embedded-fixture.ts';

const NOW = '2024-02-02T00:00:00.000Z';
const SOME = digestOf(Buffer.from('not there'));

describe('the storage', () => {
  let fixture: StorageFixture;
  let storage: Storage;
  let now = 0;
  let events: StorageEvent[] = [];
  beforeEach(async () => {
    now = Date.parse(NOW);
    fixture = await newStorage(() => now);
    storage = fixture.storage;
    events = [];
    storage.listen(event => events.push(event));
    for (const repository of ['a', 'b']) await storeBlob(storage, repository, '{}');
  });
  afterEach(() => fixture.stop());

  const image = (n = 0) => imageOf('{}', { annotations: { n: String(n) } });
  const index = (entries: readonly { digest: Digest; mediaType: string; size?: number }[], more = {}) =>
    manifestOf({ manifests: entries.map(entry => ({ size: 1, ...entry })), ...more }, OCI_INDEX);
  const put = (manifest: Manifest, ...tags: string[]) => storage.putManifest('a', manifest, tags);
  const refusal = (code: string, more = {}) => expect.objectContaining({ code, ...more });

  it('gives a manifest back as it was pushed, by tag and by digest', () => {
    const manifest = image();
    put(manifest, '1');
    const size = manifest.bytes.byteLength;
    const { digest, mediaType } = manifest;
    expect(storage.manifests.resolve('a', '1')).toEqual({ digest, mediaType, size, pushedAt: NOW });
    expect(storage.manifests.resolve('a', digest)).toEqual({ digest, mediaType, size });
    expect(Buffer.from(storage.manifests.read('a', '1')!.bytes)).toEqual(manifest.bytes);
    expect(storage.manifests.read('b', digest)).toBeUndefined();
  });

  it('moves a tag and says when', () => {
    put(image(1), '1');
    now += 1000;
    put(image(2), '1');
    const pushedAt = '2024-02-02T00:00:01.000Z';
    expect(storage.manifests.tags('a', { limit: 10 })).toEqual([
      { tag: '1', digest: image(2).digest, pushedAt },
    ]);
    expect(storage.manifests.resolve('a', image(1).digest)).toBeDefined();
  });

  it('lists tags by their bytes, page by page', () => {
    put(image(), 'b', 'B', 'a', '10', '9', '_');
    const tags = (after: string | undefined, limit: number) =>
      storage.manifests.tags('a', { after, limit }).map(({ tag }) => tag);
    expect(tags(undefined, 10)).toEqual(['10', '9', 'B', '_', 'a', 'b']);
    expect(tags(undefined, 2)).toEqual(['10', '9']);
    expect(tags('9', 2)).toEqual(['B', '_']);
    expect(tags('A', 1)).toEqual(['B']);
    expect(tags('b', 2)).toEqual([]);
  });

  it('tells its listeners of each tag, after it is stored', () => {
    const seen: unknown[] = [];
    storage.listen(({ tag }) => seen.push(storage.manifests.resolve('a', tag!)?.digest));
    const manifest = image();
    put(manifest, '1', '2');
    const { digest, mediaType } = manifest;
    const facts = { repository: 'a', digest, mediaType, action: 'push', time: NOW, id: expect.any(String) };
    expect(events).toEqual([
      { ...facts, tag: '1' },
      { ...facts, tag: '2' },
    ]);
    expect(events[0]!.id).not.toBe(events[1]!.id);
    expect(seen).toEqual([digest, digest]);
  });

  it('tells of a push by digest without a tag', () => {
    put(image());
    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('tag');
  });

  it('stops telling one that does not listen any more', () => {
    const heard: StorageEvent[] = [];
    const end = storage.listen(event => heard.push(event));
    put(image(), '1');
    end();
    put(image(), '2');
    expect(heard.map(({ tag }) => tag)).toEqual(['1']);
  });

  it('takes a tag away and leaves the manifest', () => {
    put(image(), '1', '2');
    expect(storage.deleteTag('a', '1')).toBe(true);
    expect(storage.deleteTag('a', '1')).toBe(false);
    expect(storage.manifests.tags('a', { limit: 9 }).map(({ tag }) => tag)).toEqual(['2']);
    expect(storage.manifests.resolve('a', image().digest)).toBeDefined();
    expect(events.slice(2)).toEqual([expect.objectContaining({ action: 'delete', tag: '1' })]);
  });

  it('takes a manifest away with its tags and tells of each', () => {
    put(image(1), '1', '2');
    put(image(2), '3');
    expect(storage.deleteManifest('a', image(1).digest)).toBe(true);
    expect(storage.deleteManifest('a', image(1).digest)).toBe(false);
    expect(storage.manifests.tags('a', { limit: 9 }).map(({ tag }) => tag)).toEqual(['3']);
    expect(events.slice(3).map(({ action, tag }) => [action, tag])).toEqual([
      ['delete', '1'],
      ['delete', '2'],
    ]);
  });

  it('tells once of an untagged manifest that goes', () => {
    put(image());
    storage.deleteManifest('a', image().digest);
    expect(events[1]).toMatchObject({ action: 'delete', digest: image().digest });
    expect(events[1]).not.toHaveProperty('tag');
  });

  it('keeps repositories apart', () => {
    put(image(), '1');
    storage.putManifest('b', image(), ['1']);
    storage.deleteManifest('a', image().digest);
    expect(storage.manifests.resolve('b', '1')).toBeDefined();
  });

  it('lists the repositories that hold a manifest', () => {
    expect(storage.repositories({ limit: 9 })).toEqual([]);
    storage.putManifest('b', image(), []);
    put(image(), '1');
    expect(storage.repositories({ limit: 9 })).toEqual(['a', 'b']);
    expect(storage.repositories({ limit: 1, after: 'a' })).toEqual(['b']);
    storage.deleteManifest('a', image().digest);
    expect(storage.repositories({ limit: 9 })).toEqual(['b']);
    expect(storage.hasRepository('a')).toBe(true);
    expect(storage.hasRepository('c')).toBe(false);
  });

  it('asks for an image’s config and layers', () => {
    expect(() => put(imageOf('{"other":1}'), '1')).toThrow(
      refusal('child-gone', { reference: digestOf(Buffer.from('{"other":1}')) }),
    );
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: SOME, size: 9 }];
    expect(() => put(imageOf('{}', { layers }), '1')).toThrow(refusal('child-gone', { reference: SOME }));
    expect(storage.manifests.resolve('a', '1')).toBeUndefined();
    expect(events).toEqual([]);
  });

  it.each([
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  ])('does not ask for a layer of type %s', mediaType => {
    put(
      imageOf('{}', { layers: [{ mediaType, digest: SOME, size: 9, urls: ['https://example.com/'] }] }),
      '1',
    );
    expect(storage.manifests.resolve('a', '1')).toBeDefined();
  });

  it('asks for an index’s manifests in the same repository, at any depth', () => {
    expect(() => put(index([image()]), '1')).toThrow(refusal('child-gone', { reference: image().digest }));
    storage.putManifest('b', image(), []);
    expect(() => put(index([image()]), '1')).toThrow(refusal('child-gone'));
    put(image());
    put(index([image()]), '1');
    put(index([index([image()]), image()]), '2');
    expect(storage.manifests.resolve('a', '2')?.mediaType).toBe(OCI_INDEX);
  });

  it('does not ask for entries of an index that are no manifests, nor for a subject', () => {
    put(index([{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: SOME }]), '1');
    put(imageOf('{}', { subject: { mediaType: OCI_INDEX, digest: SOME, size: 3 } }), '2');
    expect(storage.manifests.tags('a', { limit: 9 })).toHaveLength(2);
  });

  it.each([
    ['malformed', 'is no JSON', { ...image(), bytes: Buffer.from('{'), digest: digestOf(Buffer.from('{')) }],
    ['digest-mismatch', 'is not what its digest says', { ...image(), digest: SOME }],
    ['unsupported', 'is of a type that is no manifest’s', manifestOf({}, 'application/json')],
    ['too-large', 'has more than 4 MiB', imageOf('{}', { annotations: { x: 'x'.repeat(4 * 1024 * 1024) } })],
  ])('says %s where a manifest %s', (code, _, manifest) => {
    expect(() => put(manifest, '1')).toThrow(refusal(code));
  });

  it('takes a manifest of exactly 4 MiB', () => {
    const room = 4 * 1024 * 1024 - imageOf('{}', { annotations: { x: '' } }).bytes.byteLength;
    put(imageOf('{}', { annotations: { x: 'x'.repeat(room) } }), '1');
    expect(storage.manifests.resolve('a', '1')?.size).toBe(4 * 1024 * 1024);
  });

  it('keeps a manifest under its sha512 digest too', () => {
    const { bytes, mediaType } = image();
    const digest = digestOf(bytes, 'sha512');
    put({ bytes, mediaType, digest }, '1');
    expect(storage.manifests.resolve('a', '1')?.digest).toBe(digest);
    expect(storage.manifests.resolve('a', image().digest)).toBeUndefined();
  });

  it('lists what refers to a subject, as the specification describes each', () => {
    const subject = { mediaType: OCI_INDEX, digest: SOME, size: 3 };
    const signature = imageOf('{}', { subject, artifactType: 'application/x.sig', annotations: { k: 'v' } });
    const plain = imageOf('{}', { subject });
    const list = index([], { subject });
    for (const one of [signature, plain, list]) put(one);
    put(image());
    const described = ({ mediaType, digest, bytes }: Manifest) => ({
      mediaType,
      digest,
      size: bytes.byteLength,
    });
    const all = [
      { ...described(signature), artifactType: 'application/x.sig', annotations: { k: 'v' } },
      { ...described(plain), artifactType: 'application/vnd.oci.image.config.v1+json' },
      described(list),
    ].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    expect(storage.manifests.referrers('a', SOME, { limit: 9 })).toEqual(all);
    expect(storage.manifests.referrers('a', SOME, { limit: 1, after: all[0]!.digest })).toEqual([all[1]]);
    const signatures = storage.manifests.referrers('a', SOME, {
      limit: 9,
      artifactType: 'application/x.sig',
    });
    expect(signatures.map(({ digest }) => digest)).toEqual([signature.digest]);
    expect(storage.manifests.referrers('b', SOME, { limit: 9 })).toEqual([]);
    storage.deleteManifest('a', plain.digest);
    expect(storage.manifests.referrers('a', SOME, { limit: 9 })).toHaveLength(2);
  });
});
