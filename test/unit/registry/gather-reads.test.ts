import { describe, expect, it } from '@jest/globals';
import { gatherReads } from '../../../lib/registry/gather-reads.ts';
import type { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { readTags } from '../../../lib/registry/read-tags.ts';
import { aWorld, REPOSITORY } from '../assembly/a-world.ts';

async function aView() {
  const world = aWorld();
  await world.push('1.0-amd64');
  await world.push('1.0-arm64', { arch: 'arm64' });
  const { registry } = world;
  const asked: { readonly what: string; readonly keys: readonly string[] }[] = [];
  const watched = {
    listTags: registry.listTags.bind(registry),
    readManifests: (...call: Parameters<MemoryRegistry['readManifests']>) => {
      asked.push({ what: 'manifests', keys: call[1] });
      return registry.readManifests(...call);
    },
    resolveReferences: (...call: Parameters<MemoryRegistry['resolveReferences']>) => {
      asked.push({ what: 'digests', keys: call[1] });
      return registry.resolveReferences(...call);
    },
    readBlobs: (...call: Parameters<MemoryRegistry['readBlobs']>) => {
      asked.push({ what: 'blobs', keys: call[1] });
      return registry.readBlobs(...call);
    },
    immutableTags: (...call: Parameters<MemoryRegistry['immutableTags']>) => {
      asked.push({ what: 'immutable', keys: call[1] });
      return registry.immutableTags(...call);
    },
  };
  const tags = await readTags(registry, REPOSITORY, () => true);
  return { world, asked, tags, view: gatherReads(watched, REPOSITORY, tags) };
}

describe('gathered reads', () => {
  it('ask once for what several want in one turn', async () => {
    const { asked, view } = await aView();
    const [first, second] = await Promise.all([
      view.readManifests(REPOSITORY, ['1.0-amd64', '1.0-arm64']),
      view.readManifests(REPOSITORY, ['1.0-arm64']),
    ]);
    expect(asked).toEqual([{ what: 'manifests', keys: ['1.0-amd64', '1.0-arm64'] }]);
    expect([...first.keys()]).toEqual(['1.0-amd64', '1.0-arm64']);
    expect([...second.values()].map(({ kind }) => kind)).toEqual(['found']);
  });

  it('never ask for a tag that the listing does not have, and take digests from it', async () => {
    const { asked, tags, view } = await aView();
    const readings = await view.readManifests(REPOSITORY, ['1.0', '1.0-x86_64']);
    expect([...readings]).toEqual([
      ['1.0', { kind: 'absent' }],
      ['1.0-x86_64', { kind: 'absent' }],
    ]);
    const digests = await view.resolveReferences(REPOSITORY, ['1.0-amd64', '1.0']);
    expect([...digests]).toEqual([
      ['1.0-amd64', tags.get('1.0-amd64')!.digest],
      ['1.0', undefined],
    ]);
    expect(asked).toEqual([]);
    const pages = [];
    for await (const page of view.listTags(REPOSITORY)) pages.push(page.map(({ tag }) => tag));
    expect(pages).toEqual([['1.0-amd64', '1.0-arm64']]);
  });

  it('look up what is named by its digest', async () => {
    const { asked, tags, view } = await aView();
    const { digest } = tags.get('1.0-amd64')!;
    expect((await view.readManifests(REPOSITORY, [digest])).get(digest)?.kind).toBe('found');
    expect((await view.resolveReferences(REPOSITORY, [digest])).get(digest)).toBe(digest);
    expect(asked.map(({ what }) => what)).toEqual(['manifests', 'digests']);
  });

  it('ask anew in another turn', async () => {
    const { asked, view } = await aView();
    await view.readManifests(REPOSITORY, ['1.0-amd64']);
    await view.readManifests(REPOSITORY, ['1.0-amd64']);
    expect(asked).toHaveLength(2);
  });

  it('fail for all that asked, where the call fails', async () => {
    const { view, world } = await aView();
    world.registry.immutableTags = () => Promise.reject(new Error('no'));
    const calls = ['a', 'b'].map(tag => view.immutableTags!(REPOSITORY, [tag]));
    const results = await Promise.allSettled(calls);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
