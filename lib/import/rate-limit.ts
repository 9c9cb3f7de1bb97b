/** Bytes a second over all streams that ask it. */
export interface RateLimit {
  /** Waits until so many bytes may pass, or `wake` is aborted. */
  take(bytes: number, wake?: AbortSignal): Promise<void>;
}

/** Passes `bytesPerSecond` on the average, in small amounts, so that no stream waits for long. */
export function rateLimit(bytesPerSecond: number): RateLimit {
  let free = performance.now();
  return {
    async take(bytes, wake) {
      const now = performance.now();
      // Time in which nothing was asked for is not saved up.
      free = Math.max(free, now) + (bytes / bytesPerSecond) * 1000;
      await sleep(free - now, wake);
    },
  };
}

/** Milliseconds; ends early, and without an error, when `wake` is aborted. */
export function sleep(ms: number, wake?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (ms <= 0 || wake?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      wake?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    wake?.addEventListener('abort', done);
  });
}
