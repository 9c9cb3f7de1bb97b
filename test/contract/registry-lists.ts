import { expect } from '@jest/globals';
import { digestOf } from '../../lib/image/digest.ts';
import { OCI_INDEX } from '../../lib/image/media-types.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { bytesOf, collect, descriptorOf, pushImage } from './registry-content.ts';
import type { Behaviour } from './registry-contract.ts';

const NOWHERE = digestOf(bytesOf('nowhere'));

async function tagsOf(registry: Registry, repository: string): Promise<readonly string[]> {
  return (await collect(registry.listTags(repository))).map(({ tag }) => tag).sort();
}

/** What every registry does when it lists, and when it takes away what it lists. */
export const listBehaviours: readonly Behaviour[] = [
  {
    title: 'lists the tags of a repository, each once',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'listed', { tag: '1.0' });
      for (const tag of ['1.0-amd64', 'Latest', '_x']) await registry.writeManifest(repository, tag, image);
      expect(await tagsOf(registry, repository)).toEqual(['1.0', '1.0-amd64', 'Latest', '_x']);
    },
  },
  {
    title: 'lists more tags than one page has',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'paged');
      const tags = Array.from({ length: 230 }, (_, run) => `run-${String(run).padStart(4, '0')}`);
      for (let at = 0; at < tags.length; at += 10)
        await Promise.all(tags.slice(at, at + 10).map(tag => registry.writeManifest(repository, tag, image)));
      expect(await tagsOf(registry, repository)).toEqual(tags);
    },
  },
  {
    title: 'lists no tags of a repository that is not there',
    async run(registry, repository) {
      expect(await tagsOf(registry, repository)).toEqual([]);
    },
  },
  {
    title: 'lists its repositories',
    async run(registry, repository) {
      await pushImage(registry, `${repository}/deep/er`, 'listed', { tag: '1' });
      expect(await collect(registry.listRepositories())).toContain(`${repository}/deep/er`);
    },
  },
  {
    title: 'takes a tag away and leaves the manifest and its other tags',
    async run(registry, repository) {
      const { digest } = await pushImage(registry, repository, 'untagged', { tag: 'goes' });
      await pushImage(registry, repository, 'untagged', { tag: 'stays' });
      await registry.deleteManifest(repository, 'goes');
      const resolved = await registry.resolveReferences(repository, ['goes', 'stays', digest]);
      expect(Object.fromEntries(resolved)).toEqual({ goes: undefined, stays: digest, [digest]: digest });
      await registry.deleteManifest(repository, 'goes');
    },
  },
  {
    title: 'takes a manifest away with all its tags',
    async run(registry, repository) {
      const { digest } = await pushImage(registry, repository, 'deleted', { tag: 'one' });
      await pushImage(registry, repository, 'deleted', { tag: 'two' });
      const other = await pushImage(registry, repository, 'other', { tag: 'three' });
      await registry.deleteManifest(repository, digest);
      const resolved = await registry.resolveReferences(repository, ['one', 'two', digest, 'three']);
      expect(Object.fromEntries(resolved)).toEqual({
        one: undefined,
        two: undefined,
        [digest]: undefined,
        three: other.digest,
      });
    },
  },
  {
    title: 'lets a manifest be deleted that is not there',
    async run(registry, repository) {
      await registry.deleteManifest(repository, NOWHERE);
      await pushImage(registry, repository, 'there', { tag: 'there' });
      await registry.deleteManifest(repository, NOWHERE);
    },
  },
  {
    title: 'lists what refers to a manifest, by type too',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'subject', { tag: '1.0' });
      const subject = descriptorOf(image);
      const sbom = { subject, artifactType: 'application/vnd.example.sbom', annotations: { of: 'sbom' } };
      const signature = { subject, artifactType: 'application/vnd.example.signature' };
      const first = await pushImage(registry, repository, 'sbom', { more: sbom });
      const second = await pushImage(registry, repository, 'signature', { more: signature });
      const listed = await registry.listReferrers(repository, image.digest);
      expect(listed.map(({ digest }) => digest).sort()).toEqual([first.digest, second.digest].sort());
      const { artifactType } = sbom;
      expect(await registry.listReferrers(repository, image.digest, { artifactType })).toEqual([
        { ...descriptorOf(first), artifactType, annotations: { of: 'sbom' } },
      ]);
    },
  },
  {
    title: 'takes a manifest whose subject is not there yet',
    async run(registry, repository) {
      const subject = { mediaType: OCI_INDEX, digest: NOWHERE, size: 7 };
      const early = await pushImage(registry, repository, 'early', { more: { subject } });
      const listed = await registry.listReferrers(repository, NOWHERE);
      expect(listed.map(({ digest }) => digest)).toEqual([early.digest]);
    },
  },
  {
    title: 'lists nothing where nothing refers to a manifest',
    async run(registry, repository) {
      const image = await pushImage(registry, repository, 'alone', { tag: '1.0' });
      expect(await registry.listReferrers(repository, image.digest)).toEqual([]);
      expect(await registry.listReferrers(repository, NOWHERE)).toEqual([]);
    },
  },
];
