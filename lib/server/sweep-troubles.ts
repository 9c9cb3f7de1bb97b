import { isArchweaveError } from '../errors.ts';
import type { ServeEvent } from './serve-event.ts';
import type { SweepResult } from './sweep.ts';

/**
 * Tells what of a registry cannot be read, and what can again: once for each reason, because a sweep every ten
 * seconds must not fill the log with one sentence.
 */
export function createSweepTroubles(registry: string, tell: (event: ServeEvent) => void, now: () => number) {
  let known = new Map<string | undefined, string>();

  return (failures: SweepResult['failures']): void => {
    const found = new Map<string | undefined, string>();
    for (const { repository, error } of failures) {
      const why = isArchweaveError(error) ? error.code : 'internal';
      found.set(repository, why);
      if (known.get(repository) === why) continue;
      tell({
        at: now(),
        kind: 'unreadable',
        registry,
        error,
        ...(repository !== undefined && { repository }),
      });
    }
    for (const repository of known.keys()) {
      if (found.has(repository)) continue;
      tell({ at: now(), kind: 'readable-again', registry, ...(repository !== undefined && { repository }) });
    }
    known = found;
  };
}
