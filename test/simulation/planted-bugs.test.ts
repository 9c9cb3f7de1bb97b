import { describe, expect, it } from '@jest/globals';
import { EXPLORATIONS } from './explorations.ts';
import { explore } from './explorer.ts';
import { withPlanted } from './plant.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { playSeeds } from './play-seeds.ts';

/** Each bug has to be found within so many seeds. */
const BUDGET = 1_500;

describe('a bug that is planted', () => {
  for (const bug of PLANTED_BUGS)
    it(`is found: ${bug.name}`, async () => {
      const found = await withPlanted(bug, async core => {
        const { broken } = await playSeeds(core, { seeds: BUDGET, most: 1, ...playingOf(bug) });
        const [first] = broken;
        const bySeed =
          first && `seed ${first.seed}, step ${first.played.steps}, ${first.played.broken?.message}`;
        return { bySeed, byExplorer: bug.explored ? await exploreAll(core) : undefined };
      });
      process.stdout.write(`${bug.name}: ${found.bySeed}; explorer: ${found.byExplorer ?? 'not asked'}\n`);
      expect(found.bySeed).toBeDefined();
      // A bug that cannot even run shows nothing.
      expect(found.bySeed).not.toContain('a handler threw');
      if (bug.explored) expect(found.byExplorer).toBeDefined();
    });
});

/** The first exploration that breaks a promise, and in how many steps. */
async function exploreAll(core: Parameters<typeof explore>[0]): Promise<string | undefined> {
  for (const exploration of EXPLORATIONS) {
    const { broken } = await explore(core, exploration);
    if (broken) return `${broken.trace.length} steps in "${exploration.name}"`;
  }
  return undefined;
}

function playingOf({ contentDeduplication }: (typeof PLANTED_BUGS)[number]) {
  return contentDeduplication === undefined ? {} : { contentDeduplication };
}
