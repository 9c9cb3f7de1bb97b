import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { aRule, aWorld, LATEST, REPOSITORY } from './a-world.ts';

describe('a target that a person touched', () => {
  const published = async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    await world.settle();
    return world;
  };

  it('stays away after it was deleted, until a member changes', async () => {
    const world = await published();
    await world.registry.deleteManifest(REPOSITORY, '1.0');
    expect(await world.settle()).toEqual(['1.0 held withdrawn']);
    expect(await world.digest('1.0')).toBeUndefined();
    await world.push('1.0-amd64', { created: '2026-11-23T00:00:00Z' });
    expect(await world.settle()).toContain('1.0 published');
  });

  it('stays replaced', async () => {
    const world = await published();
    const foreign = await world.push('1.0', { created: '2020-01-01T00:00:00Z' });
    expect(await world.settle()).toEqual(['1.0 held withdrawn']);
    expect(await world.digest('1.0')).toBe(foreign.digest);
  });

  it('is not taken over where somebody else put it there first, unless the rule adopts', async () => {
    for (const adopt of [false, true]) {
      const world = aWorld([aRule({ adopt })]);
      await world.push('1.0', { created: '2020-01-01T00:00:00Z' });
      await world.push('1.0-arm64', { arch: 'arm64' });
      await world.push('1.0-amd64');
      const states = await world.settle();
      expect(states).toContain(adopt ? '1.0 published' : '1.0 held foreign-target');
    }
  });

  it('keeps its index after its members were cleaned up', async () => {
    const world = await published();
    await world.registry.deleteManifest(REPOSITORY, '1.0-amd64');
    expect(await world.settle()).toEqual(['1.0 unchanged members-removed']);
  });

  it('is held where it is immutable and holds something else', async () => {
    const world = await published();
    world.registry.setImmutable(REPOSITORY, '1.0');
    await world.push('1.0-amd64', { build: 'x' });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'x' });
    expect(await world.settle()).toContain('1.0 held immutable-tag');
  });
});

describe('an index that was written', () => {
  it('is told although the look after it fails', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    const { registry } = world;
    const resolve = registry.resolveReferences.bind(registry);
    registry.resolveReferences = async () => {
      registry.resolveReferences = resolve;
      throw new ArchweaveError({ code: 'unreachable', attempt: 'look again', retryable: true });
    };
    await expect(world.settle()).rejects.toMatchObject({ code: 'unreachable' });
    expect(world.told.map(({ type }) => type)).toEqual(['Index Published']);
    await world.settle();
    expect(world.told).toHaveLength(1);
  });
});

describe('a target that several builds share', () => {
  it('moves forward and never back, whatever comes late', async () => {
    const world = aWorld([LATEST]);
    await world.push('2-amd64', { build: 'b' });
    await world.push('1-amd64', { build: 'a' });
    const arm = await world.push('2-arm64', { arch: 'arm64', build: 'b' });
    await world.settle();
    await world.push('1-arm64', { arch: 'arm64', build: 'a' });
    expect(await world.settle()).toEqual(['latest unchanged newer-build']);
    expect(await world.holds('latest')).toContain(arm.digest);
  });

  it('is put right when an older write lands late', async () => {
    const world = aWorld([LATEST]);
    for (const run of ['1', '2']) {
      await world.push(`${run}-amd64`, { build: run });
      await world.push(`${run}-arm64`, { arch: 'arm64', build: run });
      await world.settle();
    }
    const newest = await world.digest('latest');
    const older = world.pushes.find(({ tag, digest }) => tag === 'latest' && digest !== newest)?.digest;
    const reading = (await world.registry.readManifests(REPOSITORY, [older!])).get(older!);
    if (reading?.kind !== 'found') throw new Error('the older index is there');
    await world.registry.writeManifest(REPOSITORY, 'latest', reading.manifest);
    expect(await world.settle()).toContain('latest published');
    expect(await world.digest('latest')).toBe(newest);
  });

  it('gets back what was published when a late write covers it and its members are gone', async () => {
    const world = aWorld([LATEST]);
    for (const run of ['1', '2']) {
      await world.push(`${run}-amd64`, { build: run });
      await world.push(`${run}-arm64`, { arch: 'arm64', build: run });
      await world.settle();
    }
    const newest = await world.digest('latest');
    const older = world.pushes.find(({ tag, digest }) => tag === 'latest' && digest !== newest)?.digest;
    await world.registry.deleteManifest(REPOSITORY, '2-amd64');
    await world.registry.deleteManifest(REPOSITORY, '2-arm64');
    await world.settle();
    const reading = (await world.registry.readManifests(REPOSITORY, [older!])).get(older!);
    if (reading?.kind !== 'found') throw new Error('the older index is there');
    await world.registry.writeManifest(REPOSITORY, 'latest', reading.manifest);
    await world.settle();
    expect(await world.digest('latest')).toBe(newest);
  });

  it('is held at the build that it is pinned to, and moves on when the pin is gone', async () => {
    const pinned = aWorld([{ ...LATEST, pin: { latest: '1' } }]);
    for (const run of ['1', '2']) {
      await pinned.push(`${run}-amd64`, { build: run });
      await pinned.push(`${run}-arm64`, { arch: 'arm64', build: run });
    }
    const states = await pinned.settle();
    expect(states.at(-1)).toBe('latest unchanged pinned');
    const [first] = pinned.pushes;
    expect(await pinned.holds('latest')).toContain(first?.digest);
  });

  it('takes a pre-release only where the whole version is kept', async () => {
    const rule = aRule({
      members: '{version:semver}-{arch}',
      targets: ['{version}', '{version.major}', 'latest'],
      newest: { by: 'captures', captures: ['version'] },
    });
    const world = aWorld([rule]);
    for (const version of ['1.4.0', '1.5.0-rc.1', '1.4.10', '1.4.2']) {
      await world.push(`${version}-amd64`, { build: version });
      await world.push(`${version}-arm64`, { arch: 'arm64', build: version });
      await world.settle();
    }
    expect(await world.digest('1.5.0-rc.1')).toBeDefined();
    const newest = await world.holds('1.4.10');
    expect(await world.holds('latest')).toEqual(newest);
    expect(await world.holds('1')).toEqual(newest);
  });
});
