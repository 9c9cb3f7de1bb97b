/** How many requests of one batch are under way at once. */
const AT_ONCE = 8;

/**
 * Runs `task` on each item, a few at once, and answers in the items' order. The first failure ends the others, by
 * the signal that they are given, and is thrown.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  signal: AbortSignal | undefined,
  task: (item: T, signal: AbortSignal | undefined) => Promise<R>,
): Promise<readonly R[]> {
  if (items.length <= 1) return Promise.all(items.map(item => task(item, signal)));
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const results = new Array<R>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length && !failed.signal.aborted) {
      const at = next++;
      results[at] = await task(items[at]!, either);
    }
  };
  let first: { readonly error: unknown } | undefined;
  const workers = Array.from({ length: Math.min(AT_ONCE, items.length) }, () =>
    work().catch(error => {
      first ??= { error };
      failed.abort();
    }),
  );
  await Promise.all(workers);
  if (first) throw first.error;
  return results;
}
