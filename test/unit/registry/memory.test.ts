import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import { OCI_INDEX } from '../../../lib/image/media-types.ts';
import { type MemoryEvent, MemoryRegistry } from '../../../lib/registry/memory.ts';
import { expectRefusal, manifestOf } from '../../contract/registry-content.ts';

const image = manifestOf('application/vnd.oci.image.manifest.v1+json', { name: 'one' });
const other = manifestOf('application/vnd.oci.image.manifest.v1+json', { name: 'other' });

describe('the registry in memory', () => {
  it('tells what was pushed and deleted, once it can be seen', async () => {
    const events: MemoryEvent[] = [];
    const registry: MemoryRegistry = new MemoryRegistry({ onEvent: event => events.push(event) });
    const { digest, mediaType } = image;
    await registry.writeManifest('app', '1.0', image);
    await registry.writeManifest('app', digest, image);
    await registry.deleteManifest('app', '1.0');
    await registry.deleteManifest('app', digest);
    await registry.deleteManifest('app', digest);
    const common = { repository: 'app', digest, mediaType };
    expect(events).toEqual([
      { ...common, tag: '1.0', action: 'push' },
      { ...common, action: 'push' },
      { ...common, tag: '1.0', action: 'delete' },
      { ...common, action: 'delete' },
    ]);
  });

  it('tells nothing of a write that it refused', async () => {
    const events: MemoryEvent[] = [];
    const registry = new MemoryRegistry({ onEvent: event => events.push(event) });
    const half = manifestOf(OCI_INDEX, { manifests: [{ digest: image.digest }] });
    await expectRefusal(registry.writeManifest('app', '1.0', half), 'child-gone');
    expect(events).toEqual([]);
  });

  it('says when a tag was pushed where it has a clock, and nothing of it where not', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    const registry = new MemoryRegistry({ now: () => now });
    await registry.writeManifest('app', '1.0', image);
    now += 1_000;
    await registry.writeManifest('app', '1.1', image);
    const readings = await registry.readManifests('app', ['1.0', '1.1', image.digest]);
    expect(readings.get('1.0')).toMatchObject({ pushedAt: '2026-11-22T10:00:00.000Z' });
    expect(readings.get('1.1')).toMatchObject({ pushedAt: '2026-11-22T10:00:01.000Z' });
    expect(readings.get(image.digest)).not.toHaveProperty('pushedAt');
    const timeless = new MemoryRegistry();
    await timeless.writeManifest('app', '1.0', image);
    expect((await timeless.readManifests('app', ['1.0'])).get('1.0')).not.toHaveProperty('pushedAt');
  });

  it('moves no tag that was made immutable, and takes what it holds again', async () => {
    const registry = new MemoryRegistry();
    await registry.writeManifest('app', '1.0', image);
    registry.setImmutable('app', '1.0');
    await registry.writeManifest('app', '1.0', image);
    await expectRefusal(registry.writeManifest('app', '1.0', other), 'immutable-tag');
    expect(await registry.immutableTags('app', ['1.0', '1.1'])).toEqual(new Set(['1.0']));
    registry.setImmutable('app', '1.0', false);
    await registry.writeManifest('app', '1.0', other);
    expect(await registry.immutableTags('app', ['1.0'])).toEqual(new Set());
  });

  it('takes no manifest of more than 4 MiB', async () => {
    const bytes = new Uint8Array(4 * 1024 * 1024 + 1).fill(0x20);
    const large = { bytes, digest: digestOf(bytes), mediaType: OCI_INDEX };
    await expectRefusal(new MemoryRegistry().writeManifest('app', 'large', large), 'too-large');
  });

  it('names two uploads differently that are begun at once', async () => {
    const registry = new MemoryRegistry();
    const names = new Set<string | undefined>();
    const begin = (text: string) =>
      registry.uploadBlob(
        'app',
        { digest: digestOf(Buffer.from(text)), size: 100 },
        async function* () {
          yield Buffer.from(text);
        },
        undefined,
        { most: 1, onState: ({ upload }) => names.add(upload) },
      );
    await Promise.all([begin('one'), begin('other')]);
    expect(names.size).toBe(2);
  });
});
