import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Push } from '../../../lib/events/push.ts';
import type { AssemblyRegistry } from '../../../lib/registry/interfaces.ts';
import type { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { aDeployment, DUE_EVERY } from '../../support/a-deployment.ts';
import {
  anIndex,
  aRule,
  asManifest,
  entryOf,
  HOST,
  type ImageFacts,
  REPOSITORY,
  START,
  storeImage,
} from '../assembly/a-world.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TARGET = { registry: HOST, repository: REPOSITORY, tag: '1.0' };

function setUp(
  options: {
    readonly rules?: readonly ReturnType<typeof aRule>[];
    readonly breaking?: (registry: MemoryRegistry) => Partial<AssemblyRegistry>;
    readonly hears?: (push: Push) => boolean;
  } = {},
) {
  const deployment = aDeployment({ host: HOST, rules: [aRule()], start: START, ...options });
  const { registry } = deployment;
  const push = async (tag: string, facts: ImageFacts = {}) => {
    const manifest = await storeImage(registry, facts);
    await registry.writeManifest(REPOSITORY, tag, manifest);
    return manifest;
  };
  const both = async (version: string) => {
    const amd = await push(`${version}-amd64`);
    const arm = await push(`${version}-arm64`, { arch: 'arm64' });
    return { amd, arm };
  };
  const digest = async (tag: string) => (await registry.resolveReferences(REPOSITORY, [tag])).get(tag);
  return { ...deployment, push, both, digest };
}

describe('a deployment', () => {
  it('makes an index of two pushes, says so once, and counts what it did', async () => {
    const { both, settle, digest, told, telemetry, queue, clock } = setUp();
    await both('1.0');
    clock.now += 2_000;
    await settle();
    expect(await digest('1.0')).toBeDefined();
    expect(told.map(({ type }) => type)).toEqual(['Index Published']);
    expect(telemetry.sum('IndexPublished')).toBe(1);
    expect(telemetry.values.get('PushToIndexMs')).toEqual([2_000]);
    expect(telemetry.sum('IndexUnchanged')).toBe(1);
    expect(queue.size).toBe(0);
    expect(queue.dead).toEqual([]);
  });

  it('writes one line for each decision, with these keys and no others', async () => {
    const { push, settle, telemetry } = setUp();
    const amd = await push('1.0-amd64');
    await settle();
    const [line] = telemetry.of('decision');
    expect(line).toEqual({
      decision: 'waiting',
      reason: 'missing-platform',
      registry: HOST,
      repository: REPOSITORY,
      group: { version: '1.0' },
      target: '1.0',
      digest: null,
      previous: null,
      members: [{ tag: '1.0-amd64', digest: amd.digest, platforms: ['linux/amd64'] }],
      cause: { id: expect.any(String), source: 'event', time: '2026-11-22T10:00:00.000Z' },
      reads: expect.any(Number),
      writes: 0,
      ms: expect.any(Number),
    });
  });

  it('drops what no rule wants before the queue', async () => {
    const { push, settle, queue, telemetry } = setUp();
    await push('nightly-amd64-x');
    const child = await push('1.0-amd64-extra-long');
    await settle();
    expect(queue.sent.map(({ body }) => body)).not.toContain(child.digest);
    expect(telemetry.of('ignored').map(({ reason }) => reason)).toContain('it has no tag');
    expect(telemetry.sum('PushReceived')).toBeGreaterThan(0);
  });

  it('looks again at a target that was moved late, although no push of our own is ever announced', async () => {
    const own = ({ tag }: Push) => tag !== '1.0';
    const { both, settle, drain, digest, due, clock, registry, lost } = setUp({ hears: own });
    const { amd, arm } = await both('1.0');
    await drain();
    const right = await digest('1.0');
    // An older write lands now, after its sender has gone; nobody hears of it.
    const old = anIndex([
      entryOf(amd, { platform: { os: 'linux', architecture: 'amd64' } }),
      entryOf(arm, { platform: { os: 'linux', architecture: 'arm64' } }),
      entryOf(await storeImage(registry, { arch: 's390x' }), {
        platform: { os: 'linux', architecture: 's390x' },
      }),
    ]);
    const annotated = {
      ...JSON.parse(Buffer.from(old.bytes).toString()),
      annotations: await annotationsOf(registry),
    };
    const late = asManifest(annotated);
    await registry.writeManifest(REPOSITORY, '1.0', late);
    await settle();
    expect(await digest('1.0')).toBe(late.digest);
    expect(lost.length).toBeGreaterThan(0);
    for (let run = 0; run < 3; run += 1) {
      clock.now += DUE_EVERY;
      await due();
      await drain();
    }
    expect(await digest('1.0')).toBe(right);
  });

  it('looks at a publication three times in the hour after it, and then no more', async () => {
    const { both, drain, due, clock, telemetry } = setUp();
    await both('1.0');
    await drain();
    const looks: number[] = [];
    for (let minute = 5; minute <= 120; minute += 5) {
      clock.now = START + minute * MINUTE;
      const { recent } = await due();
      if (recent > 0) looks.push(minute);
      await drain();
    }
    expect(looks).toEqual([10, 25, 60]);
    expect(telemetry.sum('IndexPublished')).toBe(1);
  });

  it('tells an incomplete group overdue when its time has come, without an event', async () => {
    const { push, drain, due, clock, told, telemetry } = setUp();
    await push('1.0-amd64');
    await drain();
    clock.now += 61 * MINUTE;
    await due();
    await drain();
    expect(told.map(({ type }) => type)).toEqual(['Index Overdue']);
    expect(telemetry.sum('IndexOverdue')).toBe(1);
  });

  it('makes a third move of a tag, whatever it held before', async () => {
    const { push, settle, clock, digest } = setUp();
    const a = await push('1.0-amd64', { created: '2026-11-01T00:00:00Z' });
    await push('1.0-arm64', { arch: 'arm64' });
    await settle();
    const first = await digest('1.0');
    await push('1.0-amd64', { created: '2026-11-02T00:00:00Z' });
    await push('1.0-arm64', { arch: 'arm64', created: '2026-11-02T00:00:00Z' });
    await settle();
    expect(await digest('1.0')).not.toBe(first);
    clock.now += MINUTE;
    await push('1.0-amd64', { created: '2026-11-01T00:00:00Z' });
    await push('1.0-arm64', { arch: 'arm64' });
    await settle();
    expect(await digest('1.0')).toBe(first);
    expect(a.digest).toBeDefined();
  });
});

describe('a registry that fails', () => {
  const throttled = () => new ArchweaveError({ code: 'throttled', attempt: 'read app', retryable: true });

  it('is asked again after rests that grow, and the index comes when it is well', async () => {
    let failures = 3;
    const { both, settle, drain, digest, queue, clock, telemetry } = setUp({
      breaking: registry => ({
        readManifests: async (...call) => {
          if (failures-- > 0) throw throttled();
          return registry.readManifests(...call);
        },
      }),
    });
    await both('1.0');
    await settle();
    expect(queue.nextVisible()).toBe(clock.now + 5_000);
    await drain();
    expect(await digest('1.0')).toBeDefined();
    expect(clock.now - START).toBe((5 + 15 + 45) * 1000);
    expect(telemetry.sum('RegistryThrottled')).toBe(3);
  });

  it('is left alone as long as it asked', async () => {
    let failures = 1;
    const { both, settle, queue, clock } = setUp({
      breaking: registry => ({
        readManifests: async (...call) => {
          if (failures-- > 0) throw throttled().with({ retryAfter: 77 });
          return registry.readManifests(...call);
        },
      }),
    });
    await both('1.0');
    await settle();
    expect(queue.nextVisible()).toBe(clock.now + 77_000);
  });

  it('puts what is given up among the dead letters with the reason, and it works when it is redriven', async () => {
    let broken = true;
    const { both, drain, digest, queue, telemetry } = setUp({
      breaking: registry => ({
        readManifests: async (...call) => {
          if (broken) throw throttled();
          return registry.readManifests(...call);
        },
      }),
    });
    await both('1.0');
    await drain();
    expect(queue.size).toBe(0);
    expect(queue.dead.map(({ code }) => code)).toEqual(['throttled', 'throttled']);
    expect(telemetry.of('buried')).toHaveLength(1);
    broken = false;
    await queue.send(
      queue.dead.map(({ body, group }, at) => ({ body, group, deduplication: `again ${at}` })),
    );
    await drain();
    expect(await digest('1.0')).toBeDefined();
  });

  it('buries at once what waiting cannot mend', async () => {
    const { both, settle, queue, clock } = setUp({
      breaking: () => ({
        writeManifest: async () => {
          throw new ArchweaveError({ code: 'forbidden', attempt: 'write app:1.0' });
        },
      }),
    });
    await both('1.0');
    await settle();
    expect(clock.now).toBe(START);
    expect(queue.size).toBe(0);
    expect(queue.dead).toEqual([
      expect.objectContaining({
        code: 'forbidden',
        message: expect.stringContaining('cannot write app:1.0'),
      }),
      expect.objectContaining({ code: 'forbidden' }),
    ]);
  });

  it('does not keep other groups waiting, nor what is right in one batch', async () => {
    const { both, push, settle, drain, digest, queue } = setUp({
      breaking: registry => ({
        writeManifest: async (repository, reference, manifest, options) => {
          if (reference === '2.0') throw throttled();
          await registry.writeManifest(repository, reference, manifest, options);
        },
      }),
    });
    await both('1.0');
    await both('2.0');
    await push('3.0-amd64');
    await settle();
    expect(await digest('1.0')).toBeDefined();
    expect(queue.size).toBe(2);
    await drain();
    expect(queue.dead).toHaveLength(2);
  });

  it('writes nothing with less than five seconds left, and hands the messages back at once', async () => {
    const { both, hear, batch, settings, digest, queue, clock } = setUp();
    await both('1.0');
    await hear();
    settings.remaining = 6_000;
    await batch();
    expect(await digest('1.0')).toBeUndefined();
    expect([queue.size, queue.take().length, clock.now]).toEqual([2, 2, START]);
  });

  it('ends a pass that cannot come to its write in time, and the next one does it', async () => {
    let slow = true;
    const { both, settings, drain, settle, digest, queue } = setUp({
      breaking: registry => ({
        readManifests: async (...call) => {
          if (slow) settings.remaining = 4_999;
          return registry.readManifests(...call);
        },
      }),
    });
    await both('1.0');
    await settle();
    expect(await digest('1.0')).toBeUndefined();
    expect(queue.size).toBe(2);
    slow = false;
    settings.remaining = 30_000;
    await drain();
    expect(await digest('1.0')).toBeDefined();
  });
});

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

async function annotationsOf(registry: MemoryRegistry): Promise<unknown> {
  const reading = (await registry.readManifests(REPOSITORY, ['1.0'])).get('1.0');
  if (reading?.kind !== 'found') throw new Error('1.0 is not there');
  return JSON.parse(Buffer.from(reading.manifest.bytes).toString()).annotations;
}
