import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { startPolls } from '../../../lib/server/polls.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { until } from '../../support/e2e-run.ts';
import { ManualTimers, settled } from '../../support/manual-timers.ts';
import { pushToMemory } from '../../support/push-to-memory.ts';
import { RecentMemoryRegistry } from '../../support/recent-memory-registry.ts';
import { ruleOf } from '../../support/rule.ts';
import { PLATFORMS, servingRoom } from '../../support/serving.ts';

const HOST = 'contoso.azurecr.io';

describe('serve next to a registry that is polled', () => {
  let room: ReturnType<typeof servingRoom>;
  beforeEach(() => {
    room = servingRoom();
  });
  afterEach(() => room.end());

  const start = (registry: RecentMemoryRegistry, more: object = {}) =>
    room.start({
      embedded: false,
      open: () => registry,
      reconcileEvery: 3_600_000,
      config: {
        registries: [{ name: 'contoso', host: HOST, poll: 20, ...more }],
        rules: [ruleOf(HOST, { sameBuild: { labels: [], mode: 'off' } })],
      },
    });
  const push = (registry: RecentMemoryRegistry, tag: string, arch: keyof typeof PLATFORMS, text = tag) =>
    pushToMemory(registry, 'app', tag, sampleImage(PLATFORMS[arch], { text }));
  const held = async (registry: RecentMemoryRegistry, tag: string) =>
    (await registry.resolveReferences('app', [tag])).get(tag);

  it('joins pushes that nobody announces, within the time of a look', async () => {
    const registry = new RecentMemoryRegistry();
    const { serving, lines } = await start(registry);
    expect(serving.hooks).toEqual([expect.objectContaining({ name: 'contoso', poll: 20 })]);
    await push(registry, '1.0-amd64', 'amd64');
    await push(registry, '1.0-arm64', 'arm64');
    expect(await until(() => held(registry, '1.0'))).toBeDefined();
    expect(await until(() => lines().find(line => line.startsWith('published')))).toBeDefined();
    expect(lines().join('\n')).not.toContain('found by looking');
  });

  it.each([true, false])('finds a tag that moves where its time is renewed: %s', async renews => {
    const registry = new RecentMemoryRegistry({ renews });
    // Fifty tags that nobody wants are newer than the two that move.
    for (const [tag, arch] of [
      ['1.0-amd64', 'amd64'],
      ['1.0-arm64', 'arm64'],
    ] as const)
      await push(registry, tag, arch, `old ${arch}`);
    await new Promise(resolve => setTimeout(resolve, 5));
    const image = sampleImage(PLATFORMS.amd64, { text: 'other' });
    for (let number = 0; number < 50; number++) await pushToMemory(registry, 'app', `other${number}`, image);
    const rules = [ruleOf(HOST, { sameBuild: { labels: [], mode: 'off' }, backfill: true })];
    const { serving } = await room.start({
      embedded: false,
      open: () => registry,
      reconcileEvery: 3_600_000,
      config: { registries: [{ name: 'contoso', host: HOST, poll: 20 }], rules },
    });
    const before = await until(() => held(registry, '1.0'));
    expect(before).toBeDefined();
    // The new 1.0 is a push as well; whoever looks because of it finds whatever else has moved by then.
    const looks = registry.asked.length;
    await until(() => registry.asked.length > looks + 1 || undefined);
    await serving.idle();
    for (const [tag, arch] of [
      ['1.0-amd64', 'amd64'],
      ['1.0-arm64', 'arm64'],
    ] as const)
      await push(registry, tag, arch, `new ${arch}`);
    const moved = async () => {
      const now = await held(registry, '1.0');
      return now === before ? undefined : now;
    };
    if (renews) return void expect(await until(moved)).toBeDefined();
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(await moved()).toBeUndefined();
    // A start sweeps.
    await serving.close();
    await room.start({
      embedded: false,
      open: () => registry,
      reconcileEvery: 3_600_000,
      config: { registries: [{ name: 'contoso', host: HOST, poll: 3_600_000 }], rules },
    });
    expect(await moved()).toBeDefined();
  });

  it('does not poll a registry that announces its pushes', async () => {
    const registry = new RecentMemoryRegistry();
    await start(registry, { events: 'webhook' });
    expect(registry.asked).toEqual([]);
  });
});

describe('startPolls', () => {
  it('waits as long as a registry asks to', async () => {
    const timers = new ManualTimers();
    const looks: number[] = [];
    class Throttled extends RecentMemoryRegistry {
      override async newestTags(): Promise<never> {
        looks.push(timers.now);
        throw new ArchweaveError({ code: 'throttled', attempt: 'list', retryable: true, retryAfter: 60 });
      }
    }
    const registry = new Throttled();
    registry.setImmutable('app', 'x');
    const polls = startPolls({
      registries: [{ host: HOST, registry, poll: 10_000 }],
      rules: [ruleOf(HOST)],
      take: () => {},
      begin: Promise.resolve(),
      setTimer: timers.setTimer,
      now: () => timers.now,
    });
    await settled();
    await timers.pass(119_999);
    expect(looks).toEqual([0, 60_000]);
    await polls.stop();
  });
});
