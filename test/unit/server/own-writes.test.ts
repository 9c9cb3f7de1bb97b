import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import type { Manifest } from '../../../lib/image/manifest.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { OwnWrites } from '../../../lib/server/own-writes.ts';

function manifest(text: string): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, text }));
  return { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST };
}

describe('OwnWrites', () => {
  it('knows what was written through it, already when the event comes, and nothing else', async () => {
    const own = new OwnWrites();
    const known: boolean[] = [];
    const registry = new MemoryRegistry({
      onEvent: ({ repository, tag, digest }) => known.push(own.has('r', repository, tag!, digest)),
    });
    const watched = own.watching('r', registry);
    const [a, b] = [manifest('a'), manifest('b')];
    await watched.writeManifest('app', '1.0', a);
    await registry.writeManifest('app', '1.0', b);
    expect(known).toEqual([true, false]);
    expect(own.has('other', 'app', '1.0', a.digest)).toBe(false);
    expect(own.has('r', 'app', '1.1', a.digest)).toBe(false);
  });

  it('hands on everything that assembly asks for', async () => {
    const registry = new MemoryRegistry();
    const watched = new OwnWrites().watching('r', registry);
    const a = manifest('a');
    await watched.writeManifest('app', '1.0', a);
    registry.setImmutable('app', '1.0');
    expect((await watched.resolveReferences('app', ['1.0'])).get('1.0')).toBe(a.digest);
    expect((await watched.readManifests('app', ['1.0'])).get('1.0')?.kind).toBe('found');
    expect((await watched.readBlobs('app', [a.digest])).get(a.digest)?.kind).toBe('absent');
    expect(await watched.immutableTags?.('app', ['1.0'])).toEqual(new Set(['1.0']));
    const tags: string[] = [];
    for await (const page of watched.listTags('app')) tags.push(...page.map(({ tag }) => tag));
    expect(tags).toEqual(['1.0']);
  });

  it('remembers the last thousand', async () => {
    const own = new OwnWrites();
    const watched = own.watching('r', new MemoryRegistry());
    const a = manifest('a');
    for (let n = 0; n <= 1_000; n += 1) await watched.writeManifest('app', `1.${n}`, a);
    expect([own.has('r', 'app', '1.0', a.digest), own.has('r', 'app', '1.1', a.digest)]).toEqual([
      false,
      true,
    ]);
  });
});
