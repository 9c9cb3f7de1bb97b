import { describe, expect, it } from '@jest/globals';
import { REPOSITORY } from '../assembly/a-world.ts';
import { DAY, setUp, TARGET } from './deployment-parts.ts';

describe('a sweep', () => {
  it('finds a push that nobody heard of', async () => {
    let deaf = false;
    const { both, drain, digest, sweep, clock, telemetry } = setUp({ hears: () => !deaf });
    await sweep();
    deaf = true;
    await both('1.0');
    await drain();
    expect(await digest('1.0')).toBeUndefined();
    clock.now += DAY;
    await sweep();
    await drain();
    expect(await digest('1.0')).toBeDefined();
    expect(telemetry.sum('SweepRepaired')).toBe(1);
    expect(telemetry.sum('SweepCompleted')).toBe(2);
  });

  it('sends nothing for what was looked at since it changed', async () => {
    const { both, drain, sweep, queue, telemetry } = setUp();
    await sweep();
    await both('1.0');
    await both('1.1');
    await drain();
    const before = queue.sent.length;
    await sweep();
    expect(queue.sent).toHaveLength(before);
    expect(telemetry.of('swept').at(-1)).toMatchObject({ targets: 2, wakeUps: 0 });
  });

  it('leaves alone what was complete before the first one', async () => {
    const { both, drain, digest, sweep, clock } = setUp({ hears: () => false });
    await both('1.0');
    for (let day = 0; day < 3; day += 1) {
      await sweep();
      await drain();
      clock.now += DAY;
    }
    expect(await digest('1.0')).toBeUndefined();
  });

  it('does not bring back an index that a person deleted', async () => {
    const { both, drain, digest, sweep, registry, clock } = setUp();
    await sweep();
    await both('1.0');
    await drain();
    await registry.deleteManifest(REPOSITORY, '1.0');
    clock.now += DAY;
    await drain();
    await sweep();
    await drain();
    expect(await digest('1.0')).toBeUndefined();
  });

  it('does not even look at what is past the horizon and was never seen', async () => {
    const { both, sweep, queue, clock, telemetry } = setUp({ hears: () => false });
    await sweep();
    await both('1.0');
    clock.now += 8 * DAY;
    await sweep();
    expect(queue.sent).toEqual([]);
    expect(telemetry.of('swept').at(-1)).toMatchObject({ pastHorizon: 1 });
  });

  it('looks again at a target that is held, because no tag may show what holds it', async () => {
    const { push, drain, sweep, queue, ledger } = setUp();
    await sweep();
    await push('1.0-amd64', { arch: 'arm64' });
    await push('1.0-arm64', { arch: 'arm64' });
    await drain();
    expect(await ledger.standing(TARGET)).toMatchObject({ state: 'held' });
    const before = queue.sent.length;
    await sweep();
    expect(queue.sent).toHaveLength(before + 1);
  });

  it('goes on where its time ran out, and comes to everything once', async () => {
    const { both, sweep, settings, queue, telemetry } = setUp({ hears: () => false });
    await both('0.9');
    await sweep();
    for (let version = 0; version < 250; version += 1) await both(`2.${version}`);
    settings.remaining = 1_000;
    await sweep();
    const targets = queue.sent.map(({ body }) => JSON.parse(body).wakeUp.target);
    expect(new Set(targets).size).toBe(targets.length);
    expect(targets.filter((tag: string) => tag.startsWith('2.'))).toHaveLength(250);
    expect(telemetry.of('swept').length).toBeGreaterThan(2);
  });
});
