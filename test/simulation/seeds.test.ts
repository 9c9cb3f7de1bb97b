import { describe, expect, it } from '@jest/globals';
import { loadCore } from './core.ts';
import { explain, playSeeds, summary } from './play-seeds.ts';

const SEEDS = process.env.SOAK ? 10_000 : 2_000;
const CHUNKS = 10;

describe('the promises under random schedules', () => {
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    const seeds = SEEDS / CHUNKS;
    const first = chunk * seeds + 1;
    it(`hold with the seeds ${first} to ${first + seeds - 1}`, async () => {
      const core = await loadCore();
      const tally = await playSeeds(core, { first, seeds, most: 1 });
      process.stdout.write(`${summary(tally)}\n`);
      expect(tally.broken[0] ? await explain(core, tally.broken[0]) : '').toBe('');
      expect(tally.seeds).toBe(seeds);
    });
  }
});
