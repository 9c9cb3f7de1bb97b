import { describe, expect, it } from '@jest/globals';
import { WRITES_PER_SECOND, writeBudget } from '../../../lib/queue/write-budget.ts';

describe('the write budget', () => {
  it('spaces the writes of all runs so that they come to the budget together', () => {
    for (const writes of [0.1, 0.5, 1, 3, 5, 8, 40, 200, 1_000]) {
      const { runs, every } = writeBudget(writes);
      expect((runs * 1000) / every).toBeCloseTo(writes);
    }
  });

  it('works on as many groups as come near it, of three passes one writing', () => {
    expect(writeBudget(WRITES_PER_SECOND)).toMatchObject({ runs: 2, groups: 2 });
    expect(writeBudget(5)).toMatchObject({ runs: 2, groups: 3 });
    expect(writeBudget(40)).toMatchObject({ runs: 10, groups: 5 });
    for (const writes of [1, 5, 40, 199]) {
      const { runs, groups } = writeBudget(writes);
      expect(runs * groups * (1 / 3 / 0.4)).toBeGreaterThanOrEqual(writes);
    }
  });

  it('asks Lambda for no fewer runs than it takes, and for no more than fifty', () => {
    expect(writeBudget(0.1)).toMatchObject({ runs: 2, groups: 1 });
    expect(writeBudget(10_000)).toMatchObject({ runs: 50, groups: 5 });
  });
});
