import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { START } from '../assembly/a-world.ts';
import { setUp } from './deployment-parts.ts';

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
