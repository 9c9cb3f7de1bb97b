import { expect } from '@jest/globals';
import { digestOf } from '../../lib/image/digest.ts';
import { DOCKER_LIST, OCI_CONFIG, OCI_INDEX } from '../../lib/image/media-types.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { bytesOf, descriptorOf, expectRefusal, indexOf, manifestOf, pushImage } from './registry-content.ts';
import type { Behaviour } from './registry-contract.ts';

const NOWHERE = digestOf(bytesOf('nowhere'));

async function read(registry: Registry, repository: string, reference: string) {
  return (await registry.readManifests(repository, [reference])).get(reference);
}

/** What every registry does with the manifests that it is asked for and given. */
export const manifestBehaviours: readonly Behaviour[] = [
  {
    title: 'gives back the very bytes of a manifest, by tag and by digest',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'bytes', { tag: '1.0' });
      const readings = await registry.readManifests(repository, ['1.0', image.digest]);
      expect([...readings.keys()].sort()).toEqual(['1.0', image.digest].sort());
      for (const reading of readings.values()) {
        if (reading.kind !== 'found') throw new Error(`it is ${reading.kind}`);
        expect(Buffer.from(reading.manifest.bytes)).toEqual(Buffer.from(image.bytes));
        expect(reading.manifest).toMatchObject({ digest: image.digest, mediaType: image.mediaType });
      }
    },
  },
  {
    title: 'keeps the media type of a Docker manifest and of a Docker list',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'docker', { tag: 'image', docker: true });
      const list = manifestOf(DOCKER_LIST, {
        manifests: [{ ...descriptorOf(image), platform: { os: 'linux', architecture: 'arm64' } }],
      });
      await registry.writeManifest(repository, 'list', list);
      expect(await read(registry, repository, 'image')).toMatchObject({
        manifest: { mediaType: image.mediaType },
      });
      expect(await read(registry, repository, 'list')).toMatchObject({
        manifest: { mediaType: DOCKER_LIST },
      });
    },
  },
  {
    title: 'says of each reference that is not there that it is absent',
    async run(registry, repository) {
      await pushImage(registry, repository, 'one', { tag: 'there' });
      const readings = await registry.readManifests(repository, ['there', 'away', NOWHERE]);
      expect([...readings].map(([name, { kind }]) => `${name} ${kind}`).sort()).toEqual(
        ['there found', 'away absent', `${NOWHERE} absent`].sort(),
      );
      expect(await read(registry, `${repository}/never-pushed-to`, 'away')).toEqual({ kind: 'absent' });
    },
  },
  {
    title: 'answers an empty batch with an empty map',
    async run(registry, repository) {
      expect((await registry.readManifests(repository, [])).size).toBe(0);
      expect((await registry.resolveReferences(repository, [])).size).toBe(0);
    },
  },
  {
    title: 'resolves tags and digests without reading them',
    async run(registry, repository) {
      const { digest } = await pushImage(registry, repository, 'resolved', { tag: '1.0' });
      const resolved = await registry.resolveReferences(repository, ['1.0', digest, 'away', NOWHERE]);
      expect(Object.fromEntries(resolved)).toEqual({
        '1.0': digest,
        [digest]: digest,
        away: undefined,
        [NOWHERE]: undefined,
      });
    },
  },
  {
    title: 'reads many references in one batch',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'many', { tag: 'tag-0' });
      const tags = Array.from({ length: 30 }, (_, run) => `tag-${run}`);
      for (const tag of tags.slice(1)) await registry.writeManifest(repository, tag, image);
      const readings = await registry.readManifests(repository, tags);
      expect([...readings.values()].map(({ kind }) => kind)).toEqual(tags.map(() => 'found'));
    },
  },
  {
    title: 'moves a tag and keeps what it held',
    async run(registry, repository) {
      const before = await pushImage(registry, repository, 'before', { tag: 'moving' });
      const after = await pushImage(registry, repository, 'after', { tag: 'moving' });
      expect(after.digest).not.toBe(before.digest);
      expect((await registry.resolveReferences(repository, ['moving'])).get('moving')).toBe(after.digest);
      expect(await read(registry, repository, before.digest)).toMatchObject({ kind: 'found' });
    },
  },
  {
    title: 'takes an index whose children are there, also one within another',
    async run(registry, repository) {
      const one = await pushImage(registry, repository, 'one');
      const two = await pushImage(registry, repository, 'two');
      const inner = indexOf(one, two);
      await registry.writeManifest(repository, inner.digest, inner);
      await registry.writeManifest(repository, 'outer', indexOf(inner));
      expect(await read(registry, repository, 'outer')).toMatchObject({ manifest: { mediaType: OCI_INDEX } });
    },
  },
  {
    title: 'refuses an index with a child that is not there, and leaves the tag alone',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'half', { tag: 'whole' });
      const gone = manifestOf(image.mediaType, { never: 'pushed' });
      await expectRefusal(registry.writeManifest(repository, 'whole', indexOf(image, gone)), 'child-gone');
      expect((await registry.resolveReferences(repository, ['whole'])).get('whole')).toBe(image.digest);
    },
  },
  {
    title: 'refuses an image whose blobs are not there',
    async run(registry, repository) {
      const config = { mediaType: OCI_CONFIG, digest: NOWHERE, size: 7 };
      const image = manifestOf('application/vnd.oci.image.manifest.v1+json', { config, layers: [] });
      await expectRefusal(registry.writeManifest(repository, 'empty', image), 'child-gone');
    },
  },
  {
    title: 'refuses bytes under a digest that is not theirs',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'right');
      await expectRefusal(registry.writeManifest(repository, NOWHERE, image), 'digest-mismatch');
      expect(await read(registry, repository, NOWHERE)).toEqual({ kind: 'absent' });
    },
  },
  {
    title: 'refuses a manifest of a type that it does not know',
    async run(registry, repository) {
      const strange = manifestOf('application/vnd.example.strange+json', { strange: true });
      await expectRefusal(registry.writeManifest(repository, 'strange', strange), 'unsupported');
    },
  },
  {
    title: 'takes the same manifest under the same tag again',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'again', { tag: 'again' });
      await registry.writeManifest(repository, 'again', image);
      expect((await registry.resolveReferences(repository, ['again'])).get('again')).toBe(image.digest);
    },
  },
  {
    title: 'does nothing for a caller whose signal has ended',
    async run(registry, repository) {
      const signal = AbortSignal.abort();
      await expectRefusal(registry.readManifests(repository, ['1.0'], { signal }), 'interrupted');
      const image = manifestOf(OCI_INDEX, { manifests: [] });
      await expectRefusal(registry.writeManifest(repository, 'never', image, { signal }), 'interrupted');
      expect(await read(registry, repository, 'never')).toEqual({ kind: 'absent' });
    },
  },
];
