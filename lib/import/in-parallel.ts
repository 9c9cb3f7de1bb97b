/**
 * Runs `task` on each item, `atOnce` at a time in their order, and answers in it too. The first failure ends the
 * others, by the signal that they are given, and is thrown when they have ended.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal?: AbortSignal | undefined },
  task: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const results = new Array<R>(items.length);
  let next = 0;
  let first: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed.signal.aborted) {
      const at = next++;
      results[at] = await task(items[at]!, either);
    }
  };
  const lanes = Array.from({ length: Math.min(atOnce, items.length) }, () =>
    work().catch(error => {
      first ??= { error };
      failed.abort();
    }),
  );
  await Promise.all(lanes);
  if (first) throw first.error;
  return results;
}
