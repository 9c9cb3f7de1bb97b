import { describe, expect, it } from '@jest/globals';
import { ConfigCache } from '../../../lib/assembly/config-cache.ts';
import { join } from '../../../lib/assembly/join.ts';
import { BorrowingRegistry } from '../../../lib/cli/borrowing-registry.ts';
import { pushSample } from '../../../lib/cli/push-sample.ts';
import { attestedSample, sampleImage } from '../../../lib/cli/sample-image.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };

async function twoRegistries() {
  const source = new MemoryRegistry();
  const target = new MemoryRegistry();
  for (const platform of [amd64, arm64]) {
    const image = sampleImage({ platform, text: 'hello' });
    const tag = `1.0-${platform.architecture}`;
    await pushSample(source, 'team/app', tag, attestedSample(image, platform));
  }
  const notes: string[] = [];
  const loans = ['1.0-amd64', '1.0-arm64'].map(alias => {
    return { alias, from: { registry: source, host: 'a', repository: 'team/app' }, reference: alias };
  });
  const to = { registry: target, host: 'b', repository: 'app' };
  const registry = new BorrowingRegistry(to, loans, line => notes.push(line));
  const request = { registry: 'b', repository: 'app', tags: ['1.0'], members: ['1.0-amd64', '1.0-arm64'] };
  return { source, target, registry, request, notes };
}

describe('members that are elsewhere', () => {
  it('are copied with their attestations right before the index is written', async () => {
    const { target, registry, request, notes } = await twoRegistries();
    const joined = await join({ registry, configs: new ConfigCache() }, request);
    if (joined.kind !== 'joined') throw new Error(joined.kind);
    expect(notes).toEqual([
      expect.stringMatching(/^copied 1\.0-amd64 from a\/team\/app, \d+ B|\d\.\d kB$/),
      expect.stringMatching(/^copied 1\.0-arm64 from a\/team\/app, /),
    ]);
    const found = (await target.readManifests('app', ['1.0', joined.digest])).get('1.0');
    expect(found).toMatchObject({ kind: 'found', manifest: { digest: joined.digest } });
    const { manifests } = JSON.parse(Buffer.from(joined.manifest.bytes).toString());
    expect(manifests).toHaveLength(4);
    const children = await target.readManifests(
      'app',
      manifests.map(({ digest }: { digest: string }) => digest),
    );
    expect([...children.values()].map(({ kind }) => kind)).toEqual(['found', 'found', 'found', 'found']);
  });

  it('stay where they are while one is missing, or when nothing is to be written', async () => {
    const { source, target, registry, request, notes } = await twoRegistries();
    const world = { registry, configs: new ConfigCache() };
    expect(await join(world, { ...request, dryRun: true })).toMatchObject({ kind: 'joined' });
    await source.deleteManifest('team/app', '1.0-arm64');
    expect(await join(world, request)).toMatchObject({
      kind: 'waiting',
      missing: [{ reference: '1.0-arm64', platform: 'linux/arm64' }],
    });
    expect(notes).toEqual([]);
    const tags: unknown[] = [];
    for await (const page of target.listTags('app')) tags.push(...page);
    expect(tags).toEqual([]);
  });

  it('are not copied again when the index is there', async () => {
    const { registry, request, notes, target } = await twoRegistries();
    const first = await join({ registry, configs: new ConfigCache() }, request);
    const again = await join({ registry, configs: new ConfigCache() }, request);
    expect(again).toMatchObject({
      kind: 'joined',
      written: [],
      digest: (first as { digest: string }).digest,
    });
    expect(notes).toHaveLength(2);
    expect(target).toBeDefined();
  });
});
