import { describe, expect, it } from '@jest/globals';
import { planRepository } from '../../../lib/plan/plan-repository.ts';
import type { Rule } from '../../../lib/rules/rule.ts';
import { aRule, aWorld, HOST, REPOSITORY, type TestWorld } from '../assembly/a-world.ts';

const plan = (world: TestWorld, options: { readonly restore?: boolean } = {}) =>
  planRepository(
    {
      host: HOST,
      registry: world.registry,
      rules: world.rules,
      ledger: world.ledger,
      restore: options.restore ?? false,
      now: () => world.clock.now(),
      signal: new AbortController().signal,
    },
    REPOSITORY,
  );
const actions = async (world: TestWorld, options?: { readonly restore?: boolean }) =>
  Object.fromEntries((await plan(world, options)).planned.map(({ tag, action }) => [tag, action]));
const pushBoth = async (world: TestWorld, version: string, build = 'a') => {
  await world.push(`${version}-amd64`, { build });
  await world.push(`${version}-arm64`, { arch: 'arm64', build });
};

describe('the plan of a repository', () => {
  it('says of each target what would be done, and counts what is nobody’s', async () => {
    const world = aWorld();
    await pushBoth(world, '1.0');
    await world.settle();
    await pushBoth(world, '2.0');
    await world.push('3.0-amd64');
    await world.push('nightly');
    expect(await actions(world)).toEqual({ '1.0': 'unchanged', '2.0': 'new', '3.0': 'waiting' });
    expect(await plan(world)).toMatchObject({ repository: REPOSITORY, tags: 7, unruled: 1 });
  });

  it('shows what a change does to the platforms', async () => {
    const rule = aRule({ optional: [{ os: 'linux', architecture: 's390x' }] });
    const world = aWorld([rule]);
    await pushBoth(world, '1.0');
    await world.settle();
    await world.push('1.0-amd64', { build: 'b' });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'b' });
    await world.push('1.0-s390x', { arch: 's390x', build: 'b' });
    const { planned } = await plan(world);
    expect(planned).toMatchObject([
      { action: 'change', platforms: ['~linux/amd64', '~linux/arm64', '+linux/s390x'], own: true },
    ]);
  });

  it.each<[string, Partial<Pick<Rule, 'mode' | 'horizon'>>]>([
    ['of before archweave', {}],
    ['of a rule that only reports', { mode: 'report' }],
    ['past the horizon', { horizon: 1_000 }],
  ])('has what is complete and %s: the service leaves that to people', async (_what, over) => {
    const world = aWorld([aRule({ backfill: false, ...over })]);
    await pushBoth(world, '1.0');
    world.pass(3_600_000);
    const cause = { source: 'first-sweep', id: 'sweep', time: '2026-11-22T10:00:00Z' } as const;
    const wakeUp = { registry: HOST, repository: REPOSITORY, rule: 'built in', cause } as const;
    const [outcome] = await world.run({
      ...wakeUp,
      kind: 'verify',
      target: '1.0',
      captures: { version: '1.0' },
    });
    expect(outcome?.state).not.toBe('published');
    expect(await actions(world)).toEqual({ '1.0': 'new' });
  });

  it('leaves alone what somebody else put there, and what a person took away unless that is asked for', async () => {
    const world = aWorld();
    await pushBoth(world, '1.0');
    await world.settle();
    await world.registry.deleteManifest(REPOSITORY, '1.0');
    await pushBoth(world, '2.0');
    await world.push('2.0');
    expect(await actions(world)).toEqual({ '1.0': 'held', '2.0': 'held' });
    expect(await actions(world, { restore: true })).toEqual({ '1.0': 'new', '2.0': 'held' });
    const restored = (await plan(world, { restore: true })).planned.map(({ tag, restores }) => [
      tag,
      restores,
    ]);
    expect(restored).toEqual([
      ['1.0', true],
      ['2.0', false],
    ]);
  });

  it('remembers nothing and writes nothing', async () => {
    const world = aWorld();
    await pushBoth(world, '1.0');
    const events = world.pushes.length;
    await plan(world);
    expect(world.pushes).toHaveLength(events);
    expect(await world.ledger.standings()).toEqual([]);
  });

  it('finds the newest build of a target of several, from one listing', async () => {
    const rule = aRule({
      members: '{run:int}-{arch}',
      targets: ['latest'],
      newest: { by: 'captures', captures: ['run'] },
    });
    const world = aWorld([rule]);
    for (const run of ['9', '10']) await pushBoth(world, run, run);
    await world.push('11-amd64', { build: '11' });
    const { planned } = await plan(world);
    expect(planned.map(({ tag, action, group }) => [tag, action, group.captures])).toEqual([
      ['latest', 'new', { run: '10' }],
    ]);
  });
});
