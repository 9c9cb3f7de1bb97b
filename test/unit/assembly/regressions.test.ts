import { describe, expect, it } from '@jest/globals';
import { join } from '../../../lib/assembly/join.ts';
import { verifyWakeUps } from '../../../lib/assembly/wake-up.ts';
import { aRule, aWorld, HOST, REPOSITORY } from './a-world.ts';

// Each of these was found by test/simulation; the comment is its trace, cut down to what matters.

const EACH_AND_LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['{run}', 'latest'],
  newest: { by: 'captures', captures: ['run'] },
});

function sweepOf(world: ReturnType<typeof aWorld>, target: string) {
  const cause = { source: 'sweep', id: 'sweep', time: '2026-11-22T12:00:00Z' } as const;
  return verifyWakeUps(world.rules[0]!, HOST, REPOSITORY, target, cause);
}

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
