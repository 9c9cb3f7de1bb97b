import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { join } from '../../../lib/assembly/join.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { aRule, aWorld, HOST, REPOSITORY, sweepOf, type TestWorld } from './a-world.ts';

// Each of these was found by test/simulation; the comment is its trace, cut down to what matters. More of them are in
// remembered.test.ts.

const RUNS = aRule({
  members: '{run:int}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});

const EACH_AND_LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['{run}', 'latest'],
  newest: { by: 'captures', captures: ['run'] },
});

describe('a tag of one build next to a tag that builds share', () => {
  // 9-amd64 and 9-arm64 are pushed; `create` writes 9, whose annotation tells no run; 9-amd64 is pushed again;
  // promise 3: 9 rests with the first image, held as "unordered" against itself.
  it('follows its members although its index does not tell the build', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    const members = ['9-amd64', '9-arm64'];
    await join(world, { registry: HOST, repository: REPOSITORY, members, tags: ['9'] });
    await world.settle();
    const amd = await world.push('9-amd64', { build: 'second' });
    const arm = await world.push('9-arm64', { arch: 'arm64', build: 'second' });
    await world.settle();
    expect(await world.holds('9')).toEqual([amd.digest, arm.digest]);
  });

  it('follows its members where it is a Docker list, which can tell no build', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64', { docker: true, build: 'first' });
    await world.push('9-arm64', { docker: true, arch: 'arm64', build: 'first' });
    await world.settle();
    const amd = await world.push('9-amd64', { docker: true, build: 'second' });
    const arm = await world.push('9-arm64', { docker: true, arch: 'arm64', build: 'second' });
    await world.ledger.forget({ registry: HOST, repository: REPOSITORY, tag: '9' });
    await world.settle();
    expect(await world.holds('9')).toEqual([amd.digest, arm.digest]);
  });

  // `create` writes 9; a sweep sees it; a person deletes it; the next sweep writes it again (promise 7).
  it('stays away when a person removes what `create` wrote', async () => {
    const world = aWorld([EACH_AND_LATEST]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    const members = ['9-amd64', '9-arm64'];
    await join(world, { registry: HOST, repository: REPOSITORY, members, tags: ['9'] });
    await world.run(...sweepOf(world, '9'));
    await world.registry.deleteManifest(REPOSITORY, '9');
    const [outcome] = await world.run(...sweepOf(world, '9'));
    expect(outcome?.reasons[0]?.code).toBe('withdrawn');
    expect(await world.digest('9')).toBeUndefined();
  });
});

describe('builds without labels that share a tag', () => {
  // Run 9 is published; run 10 has the same arm64 image, from the cache; latest waits for arm64 to move as well: half
  // an hour by default, for ever with `partial: hold` (promise 3).
  it('are not taken for a half renewed one where an image of both is the same', async () => {
    const world = aWorld([{ ...RUNS, partial: 'hold' }]);
    await world.push('9-amd64', { created: '2026-01-01T00:00:00Z' });
    await world.push('9-arm64', { arch: 'arm64' });
    await world.settle();
    const amd = await world.push('10-amd64', { created: '2026-02-01T00:00:00Z' });
    const arm = await world.push('10-arm64', { arch: 'arm64' });
    expect(await world.settle()).toContain('latest published');
    expect(await world.holds('latest')).toEqual([amd.digest, arm.digest]);
  });
});

describe('a newer index that a late write has covered', () => {
  /** Run 9, then run 10 are published; the write of run 9 lands again; the tags of run 10 are deleted. */
  async function covered(): Promise<{ world: TestWorld; nine: Digest; ten: Digest; member: Digest }> {
    const world = aWorld([RUNS]);
    await world.push('9-amd64');
    await world.push('9-arm64', { arch: 'arm64' });
    await world.settle();
    const nine = (await world.digest('latest'))!;
    const { digest: member } = await world.push('10-amd64', { build: 'ten' });
    await world.push('10-arm64', { arch: 'arm64', build: 'ten' });
    await world.settle();
    const ten = (await world.digest('latest'))!;
    await world.registry.deleteManifest(REPOSITORY, '10-amd64');
    await world.registry.deleteManifest(REPOSITORY, '10-arm64');
    await world.settle();
    const late = (await world.registry.readManifests(REPOSITORY, [nine])).get(nine);
    if (late?.kind === 'found') await world.registry.writeManifest(REPOSITORY, 'latest', late.manifest);
    return { world, nine, ten, member };
  }

  it('is put back by its digest', async () => {
    const { world, ten } = await covered();
    await world.settle();
    expect(await world.digest('latest')).toBe(ten);
  });

  // The registry expires untagged manifests: run 9 was written over itself, and its own push woke the next write.
  it('is not waited for, nor the older one written over itself, where it has expired', async () => {
    const { world, nine, ten } = await covered();
    await world.registry.deleteManifest(REPOSITORY, ten);
    expect(await world.settle()).toEqual(['latest unchanged same-bytes']);
    expect(await world.digest('latest')).toBe(nine);
  });

  // The registry refused it as long as the wake-up came back, and then it was given up.
  it('is not put back where a child of it is gone', async () => {
    const { world, nine, member } = await covered();
    await world.registry.deleteManifest(REPOSITORY, member);
    expect(await world.settle()).toEqual(['latest unchanged same-bytes']);
    expect(await world.digest('latest')).toBe(nine);
  });

  it('is not fought for where the tag was made immutable', async () => {
    const { world, nine } = await covered();
    world.registry.setImmutable(REPOSITORY, 'latest');
    expect(await world.settle()).toEqual(['latest held immutable-tag']);
    expect(await world.digest('latest')).toBe(nine);
  });
});

describe('an index whose child the registry does not have', () => {
  // An attestation was deleted; each pass was refused with child-gone, threw it, and the wake-up was given up.
  it('is held once patience is at its end, and not given up', async () => {
    const world = aWorld();
    const amd = await world.push('1.0-amd64');
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.registry.deleteManifest(REPOSITORY, amd.digest);
    const { registry } = world;
    const stale = Object.create(registry, {
      readManifests: {
        value: async (repository: string, references: readonly string[]) => {
          const readings = new Map(await registry.readManifests(repository, references));
          if (references.includes('1.0-amd64')) readings.set('1.0-amd64', { kind: 'found', manifest: amd });
          return readings;
        },
      },
      readBlobs: { value: registry.readBlobs.bind(registry) },
      resolveReferences: { value: registry.resolveReferences.bind(registry) },
      immutableTags: { value: registry.immutableTags.bind(registry) },
      writeManifest: { value: registry.writeManifest.bind(registry) },
    });
    const pass = (attempt: number) => assemble({ ...world, registry: stale }, sweepOf(world, '1.0'), attempt);
    await expect(pass(0)).rejects.toThrow();
    const [outcome] = await pass(3);
    expect(outcome?.state).toBe('held');
    expect(outcome?.reasons[0]).toMatchObject({ code: 'child-gone', digest: amd.digest });
  });
});
