import { describe, expect, it } from '@jest/globals';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { verifyWakeUps, wakeUpsOf } from '../../../lib/assembly/wake-up.ts';
import { anIndex, aWorld, CLI, HOST, MINUTE, REPOSITORY, storeImage } from './a-world.ts';

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
