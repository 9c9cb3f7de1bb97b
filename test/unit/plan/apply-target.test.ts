import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { type ApplyTarget, applyTarget } from '../../../lib/plan/apply-target.ts';
import { lookAtTarget } from '../../../lib/plan/look-at-target.ts';
import { plannedOf } from '../../../lib/plan/planned.ts';
import type { ExpectedChange } from '../../../lib/plan/planned-write.ts';
import { aRule, aWorld, HOST, REPOSITORY, type TestWorld } from '../assembly/a-world.ts';

const rule = aRule();
const place = { registry: HOST, repository: REPOSITORY, rule };
const ASKED = { named: false, restore: false };
const TARGET = { registry: HOST, repository: REPOSITORY, tag: '1.0' };

async function planned(world: TestWorld): Promise<ExpectedChange> {
  const { verdict } = await lookAtTarget(world, place, '1.0', ASKED);
  const { group } = plannedOf(verdict, world.clock.now());
  return { before: group.before, after: group.after! };
}
const apply = (world: TestWorld, more: Partial<ApplyTarget> = {}) =>
  applyTarget(
    { ...world, signal: new AbortController().signal },
    { place, tag: '1.0', asked: ASKED, restores: false, ...more },
  );
async function aWholeGroup(): Promise<TestWorld> {
  const world = aWorld([rule]);
  await world.push('1.0-amd64', { build: 'a' });
  await world.push('1.0-arm64', { arch: 'arm64', build: 'a' });
  return world;
}

describe('one target that is applied', () => {
  it('is written, remembered and told in its history', async () => {
    const world = await aWholeGroup();
    const expected = await planned(world);
    expect(await apply(world, { expected })).toMatchObject({ result: 'written', digest: expected.after });
    expect(await world.digest('1.0')).toBe(expected.after);
    expect((await world.ledger.published(TARGET))?.digest).toBe(expected.after);
    expect(await world.ledger.history(TARGET, 1)).toMatchObject([{ event: 'published' }]);
  });

  it('is not written where a member has moved since the plan', async () => {
    const world = await aWholeGroup();
    const expected = await planned(world);
    await world.push('1.0-amd64', { build: 'b' });
    await world.push('1.0-arm64', { arch: 'arm64', build: 'b' });
    expect(await apply(world, { expected })).toMatchObject({
      result: 'failed',
      stale: true,
      error: { code: 'stale-plan' },
    });
    expect(await world.digest('1.0')).toBeUndefined();
  });

  it('is not written where the target has moved, though its members have not', async () => {
    const world = await aWholeGroup();
    const expected = await planned(world);
    const foreign = await world.push('1.0');
    const applied = await apply(world, { expected, asked: { named: true, restore: false } });
    expect(applied).toMatchObject({ result: 'failed', stale: true });
    expect(await world.digest('1.0')).toBe(foreign.digest);
  });

  it('counts as unchanged where somebody else wrote what was planned', async () => {
    const world = await aWholeGroup();
    const expected = await planned(world);
    await world.settle();
    expect(await apply(world, { expected })).toMatchObject({ result: 'unchanged' });
  });

  it('is whatever is right by now, where nothing was agreed to', async () => {
    const world = await aWholeGroup();
    await world.push('1.0-amd64', { build: 'b' });
    expect(await apply(world)).toMatchObject({ result: 'skipped', group: { state: 'waiting' } });
  });

  it('forgets what was published right before the write that brings it back', async () => {
    const world = await aWholeGroup();
    await world.settle();
    await world.registry.deleteManifest(REPOSITORY, '1.0');
    expect(await apply(world)).toMatchObject({ result: 'skipped', group: { state: 'held' } });
    const asked = { named: true, restore: true };
    expect(await apply(world, { asked, restores: true })).toMatchObject({ result: 'written' });
    expect((await world.ledger.published(TARGET))?.digest).toBe(await world.digest('1.0'));
  });

  it('keeps what is remembered where it is not written after all', async () => {
    const world = await aWholeGroup();
    await world.settle();
    const before = await world.ledger.published(TARGET);
    await world.registry.deleteManifest(REPOSITORY, '1.0');
    const expected = { before: null, after: `sha256:${'0'.repeat(64)}` } as ExpectedChange;
    const asked = { named: true, restore: true };
    expect(await apply(world, { asked, restores: true, expected })).toMatchObject({ stale: true });
    expect(await world.ledger.published(TARGET)).toEqual(before);
  });

  it('is tried again where waiting may help, and not where it does not', async () => {
    const world = await aWholeGroup();
    const write = world.registry.writeManifest.bind(world.registry);
    let refusals = 1;
    world.registry.writeManifest = async (...call) => {
      if (refusals-- > 0) throw new ArchweaveError({ code: 'throttled', attempt: 'write', retryable: true });
      return write(...call);
    };
    expect(await apply(world)).toMatchObject({ result: 'written' });

    const other = await aWholeGroup();
    let tries = 0;
    other.registry.writeManifest = async () => {
      tries += 1;
      throw new ArchweaveError({ code: 'forbidden', attempt: 'write' });
    };
    expect(await apply(other)).toMatchObject({
      result: 'failed',
      stale: false,
      error: { code: 'forbidden' },
    });
    expect(tries).toBe(1);
  });
});
