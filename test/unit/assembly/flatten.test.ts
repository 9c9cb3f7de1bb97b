import { beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigCache } from '../../../lib/assembly/config-cache.ts';
import { type Flattened, flatten } from '../../../lib/assembly/flatten.ts';
import type { Manifest } from '../../../lib/image/manifest.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { anIndex, asManifest, entryOf, REPOSITORY, storeImage } from './a-world.ts';

const ARM64 = { os: 'linux', architecture: 'arm64' };

let registry: MemoryRegistry;
let sights: Parameters<typeof flatten>[0];

beforeEach(() => {
  registry = new MemoryRegistry();
  sights = { registry, configs: new ConfigCache() };
});

async function flattened(...roots: Manifest[]): Promise<readonly (Flattened | undefined)[]> {
  const found = await flatten(sights, REPOSITORY, roots, {});
  return roots.map(({ digest }) => found.get(digest));
}

function kinds(found: readonly (Flattened | undefined)[]): readonly (string | undefined)[] {
  return found.map(one => one?.kind);
}

describe('an index entry that names another machine than the image is for', () => {
  it('makes its member unreadable', async () => {
    const liar = anIndex([entryOf(await storeImage(registry, { arch: 'amd64' }), { platform: ARM64 })]);
    expect(await flattened(liar)).toEqual([
      { kind: 'unreadable', why: 'its index calls linux/arm64 what is linux/amd64' },
    ]);
  });

  it('makes it unreadable although another member has the same config', async () => {
    const image = await storeImage(registry, { arch: 'amd64' });
    const liar = anIndex([entryOf(image, { platform: ARM64 })]);
    expect(kinds(await flattened(image, liar))).toEqual(['images', 'unreadable']);
    expect(kinds(await flattened(liar, image))).toEqual(['unreadable', 'images']);
  });
});

describe('the size of a config that is not what the manifest says', () => {
  it('makes its member unreadable, known config or not', async () => {
    const honest = await storeImage(registry, { arch: 'amd64' });
    const content = readManifestContent(honest);
    if (content.kind !== 'image') throw new Error('an image was stored');
    const config = { ...content.config, size: content.config.size + 1 };
    const liar = asManifest({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] });
    expect(kinds(await flattened(liar))).toEqual(['unreadable']);
    expect(kinds(await flattened(honest, liar))).toEqual(['images', 'unreadable']);
  });
});

describe('a member of more images than any real one has', () => {
  it('is unreadable and leaves the others as they are', async () => {
    const image = await storeImage(registry, {});
    const many = anIndex(
      Array.from({ length: 201 }, (_, variant) =>
        entryOf(image, { platform: { os: 'linux', architecture: 'amd64', variant: `v${variant}` } }),
      ),
    );
    const one = anIndex([entryOf(image)]);
    expect(kinds(await flattened(many, one))).toEqual(['unreadable', 'images']);
  });
});
