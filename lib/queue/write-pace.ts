export interface WritePaceOptions {
  /** Milliseconds from one write to the next. */
  readonly every: number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  /** Comes back after so many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/**
 * Spaces the writes of one process: who asks for a turn gets it when it comes, in the order of asking. A process that
 * has not written for a while writes at once. A turn that is not used is not given to another.
 */
export function createWritePace({ every, elapsed, wait }: WritePaceOptions): () => Promise<void> {
  let next = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = elapsed();
    const turn = Math.max(next, now);
    next = turn + every;
    if (turn > now) await wait(turn - now);
  };
}
