import { describe, expect, it } from '@jest/globals';
import type { Push } from '../../../lib/events/push.ts';
import type { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { DUE_EVERY } from '../../support/a-deployment.ts';
import { anIndex, asManifest, entryOf, HOST, REPOSITORY, START, storeImage } from '../assembly/a-world.ts';
import { MINUTE, setUp } from './deployment-parts.ts';

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

async function annotationsOf(registry: MemoryRegistry): Promise<unknown> {
  const reading = (await registry.readManifests(REPOSITORY, ['1.0'])).get('1.0');
  if (reading?.kind !== 'found') throw new Error('1.0 is not there');
  return JSON.parse(Buffer.from(reading.manifest.bytes).toString()).annotations;
}
