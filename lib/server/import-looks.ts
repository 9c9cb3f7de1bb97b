import { isArchweaveError } from '../errors.ts';
import { type ImportedTag, listImages } from '../import/list-images.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { ImportsOptions } from './imports.ts';

export interface Looks {
  /** Resolves when the import was looked through once, whether or not that worked. */
  readonly first: Promise<void>;
  stop(): Promise<void>;
}

/** Looks through an import again and again: on its schedule, or as often as its source is swept. */
export function startLooks(
  rule: ImportRule,
  {
    rules,
    registries,
    sweepEvery,
    begin,
    tell,
    setTimer,
    now,
    signal,
  }: ImportsOptions & { readonly signal: AbortSignal },
  found: (image: ImportedTag) => void,
): Looks {
  const { promise: first, resolve: firstDone } = Promise.withResolvers<void>();
  const every = rule.when.on === 'schedule' ? rule.when.every : sweepEvery(rule.from.registry);
  let stopped = false;
  let wake = (): void => {};
  let trouble: string | undefined;
  const look = async (): Promise<void> => {
    const source = registries.get(rule.from.registry);
    if (source === undefined) return;
    try {
      for (const image of await listImages(rule, rules, source, { signal })) found(image);
      trouble = undefined;
    } catch (error) {
      const why = isArchweaveError(error) ? error.code : 'internal';
      // Once for each reason: the next look is not far.
      if (why !== trouble && !signal.aborted)
        tell({ at: now(), kind: 'unreadable', registry: rule.from.registry, error });
      trouble = why;
    }
  };
  const ended = (async () => {
    await begin;
    while (!stopped) {
      await look();
      firstDone();
      if (stopped) break;
      await new Promise<void>(resolve => {
        const cancel = setTimer(resolve, every);
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
