import { describe, expect, it } from '@jest/globals';
import { loadCore } from './core.ts';
import { EXPLORATIONS } from './explorations.ts';
import { explore } from './explorer.ts';

describe('the promises under every schedule there is', () => {
  for (const exploration of EXPLORATIONS)
    it(`hold for ${exploration.name}`, async () => {
      const { states, rests, complete, broken } = await explore(await loadCore(), exploration);
      process.stdout.write(`${exploration.name}: ${states} states, ${rests} at rest\n`);
      expect(broken && [broken.error.message, ...broken.trace].join('\n')).toBeUndefined();
      expect(complete).toBe(true);
    });
});
