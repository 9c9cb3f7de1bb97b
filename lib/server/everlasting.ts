export interface EverlastingOptions {
  /** Nothing is done before. */
  readonly begin: Promise<void>;
  readonly setTimer: (callback: () => void, milliseconds: number) => () => void;
}

export interface Loop {
  /** Resolves when the work was done once, or will not be. */
  readonly first: Promise<void>;
  /** Lets what runs come to its end, and begins nothing more. */
  stop(): Promise<void>;
}

/** Calls `work`, which never rejects, again and again, each time after as many milliseconds as it answered. */
export function everlasting(work: () => Promise<number>, { begin, setTimer }: EverlastingOptions): Loop {
  const { promise: first, resolve: firstDone } = Promise.withResolvers<void>();
  let stopped = false;
  let wake = () => {};
  const ended = (async () => {
    await begin;
    while (!stopped) {
      const pause = await work();
      firstDone();
      if (stopped) break;
      await new Promise<void>(resolve => {
        const cancel = setTimer(resolve, pause);
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  })();
  return {
    first,
    stop() {
      stopped = true;
      wake();
      firstDone();
      return ended;
    },
  };
}
