/** Timers that ring when the test says that time has passed. */
export class ManualTimers {
  now = 0;
  #timers: { at: number; ring: () => void }[] = [];

  readonly setTimer = (ring: () => void, milliseconds: number): (() => void) => {
    const timer = { at: this.now + milliseconds, ring };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  };

  /** When the next one rings, in milliseconds from now. */
  get next(): number | undefined {
    const [first] = this.#timers.toSorted((a, b) => a.at - b.at);
    return first && first.at - this.now;
  }

  get count(): number {
    return this.#timers.length;
  }

  /** Lets time pass, ringing in order, and lets what hangs on it run. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      const [first] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (first === undefined || first.at > end) break;
      this.now = first.at;
      this.#timers = this.#timers.filter(other => other !== first);
      first.ring();
      await settled();
    }
    this.now = end;
    await settled();
  }
}

/** Lets every promise that can settle do so. */
export function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
