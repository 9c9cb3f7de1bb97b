import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../../lib/errors.ts';
import { parseRetryAfter, persistently } from '../../../../lib/registry/oci/retry.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['38', 38_000],
    [' 5 ', 5_000],
    ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['-1x', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    ['99999999999999999999', undefined],
  ])('%j asks for %j ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });
});

describe('trying again', () => {
  const failing = (code: 'registry-failed' | 'throttled' | 'forbidden', retryAfter?: number) =>
    new ArchweaveError({
      code,
      attempt: 'try',
      retryable: true,
      ...(retryAfter !== undefined && { retryAfter }),
    });

  async function waitsFor(errors: readonly Error[], random: number): Promise<readonly number[]> {
    const waits: number[] = [];
    const left = [...errors];
    const policy = {
      tries: 5,
      base: 200,
      longest: 1_000,
      random: () => random,
      sleep: async (ms: number) => {
        waits.push(ms);
      },
    };
    const work = async () => {
      const error = left.shift();
      if (error) throw error;
    };
    await persistently(work, 'always', policy).catch(() => {});
    return waits;
  }

  it('waits twice as long each time, up to the longest, and at least half of that', async () => {
    const errors = Array.from({ length: 5 }, () => failing('registry-failed'));
    expect(await waitsFor(errors, 1)).toEqual([200, 400, 800, 1_000]);
    expect(await waitsFor(errors, 0)).toEqual([100, 200, 400, 500]);
  });

  it('waits as long as it is asked to and up to a quarter more, lest all who were asked come at once', async () => {
    const errors = [failing('throttled', 0.8), failing('throttled', 0.8)];
    expect(await waitsFor(errors, 0)).toEqual([800, 800]);
    expect(await waitsFor(errors, 1)).toEqual([1_000, 1_000]);
  });

  it('waits no less than unasked where it is asked for no wait at all', async () => {
    const errors = [failing('throttled', 0), failing('throttled', 0)];
    expect(await waitsFor(errors, 0.5)).toEqual([150, 300]);
  });

  it('gives up at once where it is asked for more than the longest', async () => {
    expect(await waitsFor([failing('throttled', 1.1)], 0)).toEqual([]);
  });

  it('does not wait for what is not let', async () => {
    expect(await waitsFor([failing('forbidden')], 1)).toEqual([]);
  });

  it('does not wait for what is a mistake of ours', async () => {
    expect(await waitsFor([new TypeError('a bug')], 1)).toEqual([]);
  });
});
