import { describe, expect, it } from '@jest/globals';
import { rateLimit, sleep } from '../../../lib/import/rate-limit.ts';

describe('a rate limit', () => {
  it('passes bytes at its rate over all that ask, together', async () => {
    const limit = rateLimit(100_000);
    const began = performance.now();
    await Promise.all([limit.take(5_000), limit.take(5_000)]);
    // 0.1 s; timers may fire a millisecond early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(98);
  });

  it('saves up nothing while nobody asks', async () => {
    const limit = rateLimit(100_000);
    await sleep(60);
    const began = performance.now();
    await limit.take(5_000);
    expect(performance.now() - began).toBeGreaterThanOrEqual(48);
  });

  it('keeps nobody waiting who is told to stop', async () => {
    const stop = new AbortController();
    const waiting = rateLimit(1).take(1_000_000, stop.signal);
    stop.abort();
    await waiting;
    await rateLimit(1).take(1_000_000, stop.signal);
    expect(stop.signal.aborted).toBe(true);
  });
});
