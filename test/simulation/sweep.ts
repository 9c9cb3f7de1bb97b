import { answerTo } from './answers.ts';
import type { Page } from './run.ts';
import { REGISTRY, REPOSITORY } from './scenario.ts';
import type { Simulation } from './simulation.ts';

/**
 * One sweep by the code that `serve` sweeps with, which remembers nothing of earlier ones. It reads the registry as
 * it is, because sweeps are what happens when no fault does.
 */
export async function sweep(simulation: Simulation): Promise<void> {
  const { state, setting } = simulation;
  const world = { state, pageSize: setting.pageSize, tellsTimes: setting.tellsTimes };
  const swept = setting.core.createSweep({
    registry: REGISTRY,
    rules: [setting.scenario.rule],
    now: () => state.now,
    wake: wakeUp => simulation.enqueue(wakeUp),
    reader: {
      async *listRepositories() {
        yield [REPOSITORY];
      },
      async *listTags() {
        let after = '';
        for (;;) {
          const { page, more } = given<Page>(answerTo({ method: 'listTags', after }, world));
          yield page;
          if (!more) return;
          after = page.at(-1)!.tag;
        }
      },
      resolveReferences: async (_, references) =>
        given(answerTo({ method: 'resolveReferences', references }, world)),
    },
  });
  const { failures } = await swept.run({ first: false });
  if (failures[0] !== undefined) throw failures[0].error;
}

function given<T>(answer: ReturnType<typeof answerTo>): T {
  if ('error' in answer) throw answer.error;
  return answer.value as T;
}
