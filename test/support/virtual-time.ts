import { MinHeap } from './min-heap.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps to the next thing that waits, once everything else has gone as far as it can. What runs in it may
 * wait for nothing but this clock, and for promises that need nothing from outside.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  /** Of two at the same moment, the one that began to wait first. */
  readonly #timers = new MinHeap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));

  constructor(start: number) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  readonly sleep = (milliseconds: number): Promise<void> => {
    return new Promise(wake =>
      this.#timers.push({ at: this.#now + milliseconds, order: this.#order++, wake }),
    );
  };

  /** Lets time pass until nothing waits for it any more. */
  readonly run = async (): Promise<void> => {
    for (;;) {
      await new Promise(resolve => setImmediate(resolve));
      const next = this.#timers.least;
      if (next === undefined) return;
      this.#now = next.at;
      while (this.#timers.least?.at === next.at) this.#timers.pop()!.wake();
    }
  };
}
