import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Drained, drainLoad } from '../../support/drain-load.ts';
import { soaked } from '../../support/find-tool.ts';

const GROUPS = soaked(1_000, 50_000);
/** PutImage is 10 a second; everybody else has half of it. */
const [WRITES_PER_SECOND, OTHERS] = [5, 5];
const MINUTE = 60_000;
const MEBIBYTE = 2 ** 20;

/** The most writes in any span of so many seconds. */
function most(writes: readonly number[], seconds: number): number {
  let from = 0;
  let counted = 0;
  for (const [at, write] of writes.entries()) {
    while (write - writes[from]! >= seconds * 1000) from += 1;
    counted = Math.max(counted, at - from + 1);
  }
  return counted;
}

function told(title: string, drained: Drained): string {
  const { took, events, passes, writes, metrics, othersThrottled, heapGrowth, longestRun } = drained;
  const throttled = metrics.get('RegistryThrottled') ?? 0;
  const seconds = Math.round(took / 1000);
  const rate = (writes.length / seconds).toFixed(2);
  return (
    `${title}: ${events} events, ${passes} passes, ${writes.length} writes in ${seconds} s of simulated time ` +
    `(${rate} a second, at most ${most(writes, 1)} in one and ${most(writes, 10)} in ten seconds), ` +
    `throttled ${throttled} times and others ${othersThrottled} times, ` +
    `longest run ${(longestRun / 1000).toFixed(1)} s, heap grew by ${Math.round(heapGrowth / MEBIBYTE)} MiB\n`
  );
}

describe('a backlog of pushes under the quotas of ECR', () => {
  let drained: Drained;
  beforeAll(async () => {
    drained = await drainLoad({ groups: GROUPS, writesPerSecond: WRITES_PER_SECOND, others: OTHERS });
    process.stdout.write(told(`${2 * GROUPS} pushes`, drained));
  });

  it('is worked off whole: each target holds its index, written once', () => {
    expect(drained.wrong).toEqual([]);
    expect(drained.deadLetters).toBe(0);
    expect(drained.writes).toHaveLength(GROUPS);
    expect(drained.metrics.get('PushReceived')).toBe(3 * GROUPS);
  });

  it('never takes more writes than its share, and throttles nobody', () => {
    for (const seconds of [1, 2, 5, 10, 60, 600])
      expect(most(drained.writes, seconds)).toBeLessThanOrEqual(seconds * WRITES_PER_SECOND + 1);
    expect(drained.metrics.get('RegistryThrottled')).toBeUndefined();
    expect(drained.othersThrottled).toBe(0);
  });

  it('uses its share, and no run comes near its limits', () => {
    const ideal = (GROUPS / WRITES_PER_SECOND) * 1000;
    expect(drained.took).toBeLessThan(1.25 * ideal + MINUTE);
    expect(drained.longestRun).toBeLessThan(15_000);
    expect(drained.heapGrowth).toBeLessThan(1_024 * MEBIBYTE);
  });

  it('would take more than its share with runs and groups alone to keep to it', async () => {
    const load = { groups: soaked(500, 2_000), writesPerSecond: WRITES_PER_SECOND, others: OTHERS };
    const unpaced = await drainLoad({ ...load, paced: false });
    process.stdout.write(told('without the pace', unpaced));
    expect(unpaced.wrong).toEqual([]);
    expect(most(unpaced.writes, 10)).toBeGreaterThan(10 * WRITES_PER_SECOND);
    expect(unpaced.othersThrottled).toBeGreaterThan(0);
  });
});
