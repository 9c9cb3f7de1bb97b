import { isArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { type ImportedTag, listImages } from '../import/list-images.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { everlasting, type Loop } from './everlasting.ts';
import type { ImportsOptions } from './imports.ts';

/** A timer of more than 24 days would ring at once, so that longer waits are made of shorter ones. In milliseconds. */
const LONGEST_TIMER = 24 * 3_600_000;

/** Tags whose digests are asked for at once: ECR answers a hundred in one call. */
const BATCH = 100;

export interface LookOptions extends ImportsOptions {
  readonly signal: AbortSignal;
  /** Whether nothing is to be done for an image while its source holds this. */
  readonly isDone: (image: ImportedTag, held: Digest | undefined) => boolean;
}

/** Looks through an import again and again: on its schedule, or as often as its source is swept. */
export function startLooks(
  rule: ImportRule,
  options: LookOptions,
  found: (image: ImportedTag) => void,
): Loop {
  const { rules, registries, sweepEvery, tell, now, signal, isDone } = options;
  const { registry } = rule.from;
  const every = rule.when.on === 'schedule' ? rule.when.every : sweepEvery(registry);
  let due = now();
  let trouble: string | undefined;

  const look = async (): Promise<void> => {
    const source = registries.get(registry);
    if (source === undefined) return;
    try {
      const images = await listImages(rule, rules, source, { signal });
      const byRepository = Map.groupBy(images, image => image.source.repository);
      for (const [repository, all] of byRepository) {
        for (let start = 0; start < all.length; start += BATCH) {
          const batch = all.slice(start, start + BATCH);
          const tags = batch.map(image => image.source.tag);
          const held = await source.resolveReferences(repository, tags, { signal });
          for (const image of batch) if (!isDone(image, held.get(image.source.tag))) found(image);
        }
      }
      trouble = undefined;
    } catch (error) {
      const why = isArchweaveError(error) ? error.code : 'internal';
      // Once for each reason: the next look is not far.
      if (why !== trouble && !signal.aborted) tell({ at: now(), kind: 'unreadable', registry, error });
      trouble = why;
    }
  };

  return everlasting(async () => {
    if (now() >= due) {
      await look();
      due = now() + every;
    }
    return Math.min(LONGEST_TIMER, due - now());
  }, options);
}
