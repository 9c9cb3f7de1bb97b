import { describe, expect, it } from '@jest/globals';
import { sentence } from '../../../lib/assembly/reasons.ts';
import { verifyWakeUps } from '../../../lib/assembly/wake-up.ts';
import { DOCKER_LIST, OCI_INDEX } from '../../../lib/image/media-types.ts';
import { aRule, aWorld, CLI, entryOf, HOST, LATEST, MINUTE, REPOSITORY, storeImage } from './a-world.ts';

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

  it('leave an optional platform out that two members hold differently', async () => {
    const variant = { os: 'linux', architecture: 'arm', variant: 'v7' };
    const world = aWorld([aRule({ optional: [variant] })]);
    await world.push('1.0-armv7', { platform: variant });
    await world.push('1.0-armhf', { platform: variant, created: '2020-01-01T00:00:00Z' });
    await world.push('1.0-arm64', { arch: 'arm64' });
    await world.push('1.0-amd64');
    expect(await world.settle()).toContain('1.0 published');
    expect(await world.holds('1.0')).toHaveLength(2);
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
