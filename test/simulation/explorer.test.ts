import { describe, expect, it } from '@jest/globals';
import { loadCore } from './core.ts';
import { EXPLORATIONS, LARGE_EXPLORATIONS } from './explorations.ts';
import { explore } from './explorer.ts';

/** States, beyond which an exploration was not meant to go. */
const LIMIT = 2_000_000;

describe('the promises under every schedule there is', () => {
  for (const exploration of [...EXPLORATIONS, ...(process.env.SOAK ? LARGE_EXPLORATIONS : [])])
    it(`hold for ${exploration.name}`, async () => {
      const { states, rests, complete, broken } = await explore(await loadCore(), exploration, LIMIT);
      process.stdout.write(`${exploration.name}: ${states} states, ${rests} at rest\n`);
      expect(broken && [broken.error.message, ...broken.trace].join('\n')).toBeUndefined();
      expect(complete).toBe(true);
    });
});
