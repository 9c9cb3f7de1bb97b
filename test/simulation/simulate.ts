import { parseArgs } from 'node:util';
import { loadCore } from './core.ts';
import { explain, playSeeds, summary } from './play-seeds.ts';
import { planOf } from './seed.ts';
import { traceOf } from './shrink.ts';

// npm run simulate -- --seeds N [--seed FIRST] [--trace]: plays seeds, exits 1 where a promise is broken.
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
  },
});
const core = await loadCore();
const first = Number(values.seed);
if (values.trace) for (const line of await traceOf(core, planOf(first))) console.log(line);
const tally = await playSeeds(core, { first, seeds: Number(values.seeds) });
for (const { seed, plan, played } of tally.broken)
  console.log(`seed ${seed}, step ${played.steps} (${plan.scenario.name}): ${played.broken?.message}`);
const smallest = tally.broken.toSorted((a, b) => a.played.steps - b.played.steps)[0];
if (smallest) console.log(await explain(core, smallest));
console.log(summary(tally));
process.exitCode = tally.broken.length > 0 ? 1 : 0;
