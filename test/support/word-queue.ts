import { ArchweaveError } from '../../lib/errors.ts';
import { createQueue, type Queue } from '../../lib/server/queue.ts';
import { ManualTimers, settled } from './manual-timers.ts';

export interface Pass {
  readonly batch: readonly string[];
  readonly attempt: number;
  readonly end: () => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

/** A queue of words, keyed by what stands before the dash, whose passes the test ends. */
export function wordQueue({ concurrency = 4 } = {}) {
  const timers = new ManualTimers();
  const passes: Pass[] = [];
  const givenUp: { batch: readonly string[]; error: unknown }[] = [];
  const queue: Queue<string> = createQueue<string>({
    key: word => word.split('-')[0]!,
    concurrency,
    setTimer: timers.setTimer,
    onGiveUp: (batch, error) => givenUp.push({ batch, error }),
    run: (batch, attempt) =>
      new Promise((resolve, reject) => {
        const after = (act: () => void) => () => {
          act();
          return settled();
        };
        passes.push({ batch, attempt, end: after(resolve), fail: error => after(() => reject(error))() });
      }),
  });
  const batches = () => passes.map(({ batch }) => batch);
  return { queue, timers, passes, givenUp, batches };
}

export const transient = (more: object = {}) =>
  new ArchweaveError({ code: 'registry-failed', attempt: 'look', retryable: true, ...more });
