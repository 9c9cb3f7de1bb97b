import { sleep } from './rate-limit.ts';

/** Lets few blobs flow at once, while others are begun and closed. */
export interface Turns {
  /** Waits for a turn, or until `wake` is aborted; what it answers gives the turn back, once however often it is called. */
  take(wake?: AbortSignal): Promise<() => void>;
}

/**
 * `most` turns at a time, each waited for at most `patience` milliseconds.
 *
 * Over a distance, blobs that all flow at once also end at once, and then the line is idle until the next ones are
 * begun; so some flow while others wait for an answer. Whoever has waited for long flows along with the others:
 * registries and what stands before them give up on a request in which nothing comes.
 */
export function turns(most: number, patience: number): Turns {
  let taken = 0;
  const waiting: AbortController[] = [];
  return {
    async take(wake) {
      if (taken >= most) {
        const called = new AbortController();
        waiting.push(called);
        const woken = wake === undefined ? called.signal : AbortSignal.any([called.signal, wake]);
        await sleep(patience, woken);
        const at = waiting.indexOf(called);
        if (at !== -1) waiting.splice(at, 1);
      }
      taken += 1;
      let isGiven = false;
      return () => {
        if (isGiven) return;
        isGiven = true;
        taken -= 1;
        if (taken < most) waiting.shift()?.abort();
      };
    },
  };
}
