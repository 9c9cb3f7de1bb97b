import { isArchweaveError } from '../errors.ts';
import type { Push } from '../events/push.ts';
import type { Digest } from '../image/digest.ts';
import { type ImportEvent, importFailed, importFinished } from '../import/import-event.ts';
import { importImage } from '../import/import-image.ts';
import type { ImportedTag } from '../import/list-images.ts';
import type { CopyProgress } from '../import/progress.ts';
import { askedOf, ruleRequest } from '../import/rule-request.ts';
import type { UploadNotes } from '../import/upload-notes.ts';
import type { TargetRef } from '../ledger/interface.ts';
import type { Registry } from '../registry/interfaces.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import { importsFrom, type TagPlace, targetOfImport } from '../rules/import-scope.ts';
import type { Rule } from '../rules/rule.ts';
import { startLooks } from './import-looks.ts';
import type { ImportMemory } from './import-memory.ts';
import { createQueue } from './queue.ts';
import type { ServeEvent } from './serve-event.ts';

export interface ImportsOptions {
  readonly imports: readonly ImportRule[];
  readonly rules: readonly Rule[];
  /** By their hosts. */
  readonly registries: ReadonlyMap<string, Registry>;
  readonly memory: Pick<ImportMemory, 'copied' | 'remember'>;
  /** Milliseconds between two looks at the source of an import that follows events. */
  readonly sweepEvery: (host: string) => number;
  readonly begin: Promise<void>;
  readonly tell: (event: ServeEvent) => void;
  readonly setTimer: (callback: () => void, milliseconds: number) => () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly notes?: UploadNotes;
  /** Hears what a target is about to hold, so that its event is not taken for somebody's push. */
  readonly onWriting?: (target: TagPlace, digest: Digest) => void;
  readonly backOff?: readonly number[];
}

export interface Imports {
  /** archweave has written this target. */
  published(target: TargetRef): void;
  /** Somebody has pushed, archweave perhaps. */
  pushed(push: Push): void;
  /** Images that wait or are on their way. */
  readonly size: number;
  /** Resolves when every import was looked through once, and nothing is on its way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** One image that may have to be copied. Where it really has to is seen when its turn comes. */
interface Wish {
  readonly rule: ImportRule;
  readonly source: TagPlace;
  readonly target: TagPlace;
}

/** Images at once; each sends several blobs. */
const AT_ONCE = 2;
/** Waits between attempts, in milliseconds; after the last one the next look begins anew. */
const BACK_OFF: readonly number[] = [1_000, 10_000, 60_000, 300_000, 900_000];
/** One failure of one target is told no more often than this, however often it is met. */
const TELL_EVERY = 3_600_000;

/**
 * The imports of `serve`: events, publications and schedules make wishes, and one at a time for each target tag is
 * looked at and, where the source holds what was not copied yet, copied. A lost event is found by looking, as often
 * as the source is looked through.
 */
export function startImports(options: ImportsOptions): Imports {
  const { imports, rules, registries, memory, begin, tell, setTimer, now, notes } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const told = new Map<string, Map<string, number>>();
  const failed = (wish: Wish, error: unknown, retrying: boolean, attempt: Attempt): void => {
    if (signal.aborted) return;
    const name = nameOf(wish.target);
    const before = told.get(name) ?? new Map<string, number>();
    const what = `${isArchweaveError(error) ? error.code : 'internal'} ${retrying}`;
    if (now() - (before.get(what) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY) return;
    told.set(name, before.set(what, now()));
    const { began, progress } = attempt;
    const reached = progress && { reached: progress.total };
    tellEvent(importFailed(factsOf(wish, began), error, { retrying, ...reached }));
  };
  const attempts = new Map<string, Attempt>();
  const queue = createQueue<Wish>({
    key: ({ target }) => nameOf(target),
    concurrency: AT_ONCE,
    backOff: options.backOff ?? BACK_OFF,
    setTimer,
    run: async batch => {
      const wish = batch.at(-1)!;
      const attempt: Attempt = { began: now() };
      attempts.set(nameOf(wish.target), attempt);
      try {
        await fulfil(wish, attempt);
        told.delete(nameOf(wish.target));
        attempts.delete(nameOf(wish.target));
      } catch (error) {
        const hopeless = isArchweaveError(error) && !error.retryable;
        if (!hopeless) failed(wish, error, true, attempt);
        throw error;
      }
    },
    onGiveUp: (batch, error) => {
      const wish = batch.at(-1)!;
      failed(wish, error, false, attempts.get(nameOf(wish.target)) ?? { began: now() });
    },
  });

  // What is gone at the source stays at the target.
  const isDone = (rule: ImportRule, target: TagPlace, held: Digest | undefined): boolean =>
    held === undefined || memory.copied(nameOf(target)) === `${held} ${askedOf(rule)}`;

  async function fulfil({ rule, source, target }: Wish, attempt: Attempt): Promise<void> {
    const from = registries.get(source.registry);
    const to = registries.get(target.registry);
    if (from === undefined || to === undefined) return;
    const held = (await from.resolveReferences(source.repository, [source.tag], { signal })).get(source.tag);
    if (held === undefined || isDone(rule, target, held)) return;
    options.onWriting?.(target, held);
    const result = await importImage(
      {
        request: ruleRequest(rule, source.tag),
        source: { registry: from, host: source.registry, repository: source.repository },
        target: { registry: to, host: target.registry, repository: target.repository },
      },
      {
        signal,
        ...(notes && { notes }),
        onProgress: progress => {
          attempt.progress = progress;
        },
      },
    );
    // Where the tag moved meanwhile its own event, or the next look, makes another wish.
    const copied = result.kind === 'copied' ? result.plan.source : held;
    await memory.remember(nameOf(target), `${copied} ${askedOf(rule)}`);
    if (result.kind === 'copied') {
      tellEvent(importFinished(factsOf({ rule, source, target }, attempt.began), result));
    }
  }

  const factsOf = ({ rule, source, target }: Wish, began: number) => ({
    name: rule.name,
    source,
    target,
    now: now(),
    ms: now() - began,
  });
  const tellEvent = (event: ImportEvent): void => {
    const kind = event.type === 'Import Finished' ? 'imported' : 'import-failed';
    tell({ at: now(), kind, document: event });
  };

  const wish = (rule: ImportRule, source: TagPlace): void => {
    const target = targetOfImport(rule, rules, source);
    if (target !== undefined) queue.add({ rule, source, target });
  };
  const looks = imports
    .filter(({ when }) => when.on !== 'manual')
    .map(rule => {
      const looking = {
        ...options,
        signal,
        isDone: ({ target }: ImportedTag, held: Digest | undefined) => isDone(rule, target, held),
      };
      return startLooks(rule, looking, image => void queue.add({ rule, ...image }));
    });

  return {
    published({ registry, repository, tag }) {
      for (const rule of importsFrom(imports, registry, repository)) {
        if (rule.when.on === 'published') wish(rule, { registry, repository, tag });
      }
    },
    pushed({ registry, repository, tag, action }) {
      if (tag === undefined || action !== 'push') return;
      for (const rule of importsFrom(imports, registry, repository)) {
        if (rule.when.on === 'pushed') wish(rule, { registry, repository, tag });
      }
    },
    get size() {
      return queue.size;
    },
    async idle() {
      await begin;
      await Promise.all(looks.map(({ first }) => first));
      await queue.idle();
    },
    async stop() {
      // What is cut off goes on from there after the next start.
      stopping.abort();
      await Promise.all([...looks.map(look => look.stop()), queue.stop()]);
    },
  };
}

interface Attempt {
  readonly began: number;
  progress?: CopyProgress;
}

function nameOf({ registry, repository, tag }: TagPlace): string {
  return `${registry}/${repository}:${tag}`;
}
