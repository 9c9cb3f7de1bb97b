import { describe, expect, it } from '@jest/globals';
import { createWritePace } from '../../../lib/queue/write-pace.ts';

/** A pace of one write each 400 ms, and how long each turn was waited for. */
function aPace() {
  const clock = { now: 0 };
  const waits: number[] = [];
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  return { clock, waits, turn: createWritePace({ every: 400, elapsed: () => clock.now, wait }) };
}

describe('the pace of writes', () => {
  it('lets the first write go at once', async () => {
    const { turn, waits } = aPace();
    await turn();
    expect(waits).toEqual([]);
  });

  it('gives turns in the order of asking, one at a time', async () => {
    const { turn, waits, clock } = aPace();
    await Promise.all([turn(), turn(), turn()]);
    expect(waits).toEqual([400, 800]);
    clock.now = 900;
    await turn();
    expect(waits).toEqual([400, 800, 300]);
  });

  it('saves no turns up while nothing is written', async () => {
    const { turn, waits, clock } = aPace();
    await turn();
    clock.now = 60_000;
    await turn();
    await turn();
    expect(waits).toEqual([400]);
  });
});
