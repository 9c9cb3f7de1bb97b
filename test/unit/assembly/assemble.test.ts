import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { sentence } from '../../../lib/assembly/reasons.ts';
import { verifyWakeUps, wakeUpsOf } from '../../../lib/assembly/wake-up.ts';
import { DOCKER_LIST, OCI_INDEX } from '../../../lib/image/media-types.ts';
import { anIndex, aRule, aWorld, entryOf, HOST, REPOSITORY, storeImage } from './a-world.ts';

const MINUTE = 60_000;
const LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});
const CLI = { source: 'cli', id: 'test', time: '2026-11-22T10:00:00Z' } as const;

describe('a group of a moving tag', () => {
  it('waits for the platform that is missing and writes nothing', async () => {
    const world = aWorld();
    await world.push('1.0-amd64');
    expect(await world.settle()).toEqual(['1.0 waiting missing-platform']);
    expect(await world.digest('1.0')).toBeUndefined();
  });

  it('becomes an index when the last member comes, in the order of the rule', async () => {
    const world = aWorld();
    const arm = await world.push('1.0-arm64', { arch: 'arm64' });
    const amd = await world.push('1.0-amd64');
    expect(await world.settle()).toContain('1.0 published');
    expect(await world.holds('1.0')).toEqual([amd.digest, arm.digest]);
  });

  it('is at rest after its own push came back', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    const states = await world.settle();
    expect(states.at(-1)).toBe('1.0 unchanged same-bytes');
    expect(states.filter(state => state === '1.0 published')).toHaveLength(1);
    expect(world.told.map(({ type }) => type)).toEqual(['Index Published']);
  });

  it('keeps its last whole index while its members are from different builds', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64', build: 'one' });
    await world.push('1.0-amd64', { build: 'one' });
    await world.settle();
    const before = await world.digest('1.0');
    await world.push('1.0-amd64', { build: 'two' });
    expect(await world.settle()).toEqual(['1.0 waiting mixed-builds']);
    expect(await world.digest('1.0')).toBe(before);
    await world.push('1.0-arm64', { arch: 'arm64', build: 'two' });
    expect(await world.settle()).toContain('1.0 published');
  });

  it('takes a member without the label next to one with it for another build', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64', { build: 'two' });
    expect(await world.settle()).toContain('1.0 waiting mixed-builds');
  });

  it('waits for all members to move where no label tells the build, until they have settled', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64', created: '2026-01-01T00:00:00Z' });
    await world.push('1.0-amd64', { created: '2026-01-01T00:00:00Z' });
    await world.settle();
    await world.push('1.0-amd64', { created: '2026-02-01T00:00:00Z' });
    expect(await world.settle()).toEqual(['1.0 waiting partial']);
    world.pass(31 * MINUTE);
    const [wakeUp] = verifyWakeUps(world.rules[0]!, HOST, REPOSITORY, '1.0', { ...CLI, source: 'due' });
    const [outcome] = await world.run(wakeUp!);
    expect(outcome?.state).toBe('published');
  });

  it('settles by the ledger where the registry tells no times', async () => {
    const world = aWorld(undefined, { times: false });
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    await world.settle();
    world.pass(60 * MINUTE);
    await world.push('1.0-amd64', { created: '2026-02-01T00:00:00Z' });
    expect(await world.settle()).toEqual(['1.0 waiting partial']);
    world.pass(29 * MINUTE);
    const [wakeUp] = verifyWakeUps(world.rules[0]!, HOST, REPOSITORY, '1.0', CLI);
    expect((await world.run(wakeUp!))[0]?.state).toBe('waiting');
    world.pass(2 * MINUTE);
    expect((await world.run(wakeUp!))[0]?.state).toBe('published');
  });

  it('finds a member under any spelling of its architecture', async () => {
    const world = aWorld();
    await world.push('1.0-aarch64', { arch: 'arm64' });
    await world.push('1.0-x86_64');
    expect(await world.settle()).toContain('1.0 published');
  });

  it('is held when two spellings hold different images, and not when they hold the same', async () => {
    const world = aWorld();
    await world.push('1.0-arm64', { arch: 'arm64' });
    const image = await world.push('1.0-amd64');
    await world.registry.writeManifest(REPOSITORY, '1.0-x86_64', image);
    expect(await world.settle()).toContain('1.0 published');
    await world.push('1.0-x86_64', { created: '2020-01-01T00:00:00Z' });
    expect(await world.settle()).toEqual(['1.0 held duplicate-platform']);
  });

  it('is held when an image is not what its tag says', async () => {
    const world = aWorld();
    const image = await world.push('2.0-amd64');
    await world.registry.writeManifest(REPOSITORY, '2.0-arm64', image);
    await world.settle();
    const held = world.told.at(-1);
    expect(held?.type).toBe('Index Held');
    expect(held?.message).toBe('app:2.0 is held: 2.0-arm64 says arm64, but the image is linux/amd64.');
  });

  it('resolves a hold when the right image comes, and says so once', async () => {
    const world = aWorld();
    const image = await world.push('2.0-amd64');
    await world.registry.writeManifest(REPOSITORY, '2.0-arm64', image);
    await world.settle();
    world.pass(26 * MINUTE);
    await world.push('2.0-arm64', { arch: 'arm64' });
    await world.settle();
    expect(world.told.map(({ type, resolves }) => [type, resolves])).toEqual([
      ['Index Held', undefined],
      ['Index Published', 'held'],
    ]);
    expect(world.told[1]?.message).toBe(
      'app:2.0 is published for linux/amd64 linux/arm64; it was held for 26 min (mislabelled)',
    );
  });
});

describe('an event that comes before its tag is there', () => {
  it('fails the pass so that it comes back, and is believed after a few times', async () => {
    const world = aWorld();
    await world.push('1.0-amd64');
    const early = await storeImage(world.registry, { arch: 'arm64' });
    const captures = { version: '1.0' };
    const floor = { tag: '1.0-arm64', digest: early.digest };
    const common = {
      registry: HOST,
      repository: REPOSITORY,
      rule: world.rules[0]!.name,
      cause: CLI,
      captures,
    };
    const wakeUps = [
      { ...common, kind: 'group', floor },
      { ...common, kind: 'group' },
    ] as const;
    await expect(assemble(world, wakeUps, 2)).rejects.toMatchObject({ code: 'tag-moved', retryable: true });
    expect(await assemble(world, wakeUps, 3)).toMatchObject([{ state: 'waiting' }]);
    await world.registry.writeManifest(REPOSITORY, '1.0-arm64', early);
    expect(await assemble(world, wakeUps, 0)).toMatchObject([{ state: 'published' }]);
  });

  it('is noticed for a target too', async () => {
    const world = aWorld();
    await world.push('1.0-amd64');
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.settle();
    const late = anIndex([]);
    const push = { ...world.pushes.at(-1)!, tag: '1.0', digest: late.digest };
    const wakeUps = wakeUpsOf(push, world.rules);
    await expect(assemble(world, wakeUps)).rejects.toMatchObject({ code: 'tag-moved', retryable: true });
  });
});

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

describe('members that are indexes', () => {
  it('are flattened, and an attestation stays with its image', async () => {
    const world = aWorld();
    const image = await storeImage(world.registry, { arch: 'arm64' });
    const attestation = await storeImage(world.registry, {
      platform: { os: 'unknown', architecture: 'unknown' },
    });
    await world.pushIndex('1.0-arm64', [
      entryOf(image, { platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } }),
      entryOf(attestation, {
        platform: { os: 'unknown', architecture: 'unknown' },
        annotations: {
          'vnd.docker.reference.type': 'attestation-manifest',
          'vnd.docker.reference.digest': image.digest,
        },
      }),
    ]);
    const amd = await world.push('1.0-amd64');
    expect(await world.settle()).toContain('1.0 published');
    expect(await world.holds('1.0')).toEqual([amd.digest, image.digest, attestation.digest]);
  });

  it('nested too deep are held as unreadable', async () => {
    const world = aWorld();
    let manifest = await storeImage(world.registry, { arch: 'arm64' });
    for (let depth = 0; depth < 5; depth++) {
      manifest = await world.pushIndex('1.0-arm64', [entryOf(manifest)]);
    }
    await world.push('1.0-amd64');
    expect((await world.settle()).at(-1)).toBe('1.0 held unreadable');
  });

  it('of Docker type become a Docker list, others an OCI index', async () => {
    for (const docker of [true, false]) {
      const world = aWorld();
      await world.push('1.0-arm64', { arch: 'arm64', docker });
      await world.push('1.0-amd64', { docker: true });
      await world.settle();
      const reading = (await world.registry.readManifests(REPOSITORY, ['1.0'])).get('1.0');
      expect(reading?.kind === 'found' && reading.manifest.mediaType).toBe(docker ? DOCKER_LIST : OCI_INDEX);
    }
  });
});

describe('rules', () => {
  it('in report mode say what they would do and write nothing', async () => {
    const world = aWorld([aRule({ mode: 'report' })]);
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    expect((await world.settle()).at(-1)).toBe('1.0 planned');
    expect(await world.digest('1.0')).toBeUndefined();
    expect(world.told.at(-1)?.type).toBe('Index Planned');
  });

  it('hold a target that two of them claim', async () => {
    const both = [aRule({ name: 'apps', line: 5 }), { ...LATEST, name: 'nightly', line: 12 }];
    const world = aWorld(both);
    await world.push('latest-amd64');
    await world.push('latest-arm64', { arch: 'arm64' });
    expect((await world.settle()).at(-1)).toBe('latest held two-rules');
    const reason = world.told.at(-1)?.group.reasons[0];
    expect(reason && sentence(reason)).toBe(
      'app:latest is a target of two rules, "apps" (line 5) and "nightly" (line 12)',
    );
  });

  it('leave an optional member of another build out', async () => {
    const world = aWorld([aRule({ optional: [{ os: 'linux', architecture: 'arm', variant: 'v7' }] })]);
    await world.push('1.0-armv7', {
      platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
      build: 'old',
    });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'new' });
    await world.push('1.0-amd64', { build: 'new' });
    expect(await world.settle()).toContain('1.0 published');
    expect(await world.holds('1.0')).toHaveLength(2);
  });

  it('leave alone what was complete before archweave came', async () => {
    const rule = aRule();
    const world = aWorld([rule]);
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    const wakeUp = (source: 'first-sweep' | 'sweep') =>
      verifyWakeUps(rule, HOST, REPOSITORY, '1.0', { ...CLI, source })[0]!;
    expect((await world.run(wakeUp('first-sweep')))[0]?.reasons[0]?.code).toBe('before-archweave');
    expect((await world.run(wakeUp('sweep')))[0]?.reasons[0]?.code).toBe('before-archweave');
    expect(await world.digest('1.0')).toBeUndefined();
  });

  it('tell a group that is overdue, once', async () => {
    const rule = aRule({ overdue: 60 * MINUTE });
    const world = aWorld([rule]);
    await world.push('1.0-amd64');
    await world.settle();
    const wakeUp = verifyWakeUps(rule, HOST, REPOSITORY, '1.0', { ...CLI, source: 'due' })[0]!;
    for (const minutes of [59, 2, 2]) {
      world.pass(minutes * MINUTE);
      await world.run(wakeUp);
    }
    expect(world.told.map(({ type, message }) => [type, message])).toEqual([
      ['Index Overdue', 'app:1.0 is overdue: 1 of 2 there, linux/arm64 is missing since 1 h 1 min'],
    ]);
  });
});
