import { keyOfWakeUp, type WakeUp, wakeUpsOf } from '../assembly/wake-up.ts';
import type { Push } from '../events/push.ts';
import type { Ledger } from '../ledger/interface.ts';
import type { Rule } from '../rules/rule.ts';
import { platformsOf } from './describe-push.ts';
import { createDue } from './due.ts';
import { type ImportsOptions, startImports } from './imports.ts';
import { createOrderedLog } from './ordered-log.ts';
import { OwnWrites } from './own-writes.ts';
import { createPasses, type InHand } from './passes.ts';
import { startPolls } from './polls.ts';
import { createQueue } from './queue.ts';
import { startReconciler } from './reconcile.ts';
import type { ServeEvent } from './serve-event.ts';
import type { ServedRegistry } from './served-registries.ts';
import { createSweep } from './sweep.ts';

export interface WorkOptions {
  readonly registries: readonly ServedRegistry[];
  readonly rules: readonly Rule[];
  /** What is copied from registry to registry, and what was already. */
  readonly imports?: Pick<ImportsOptions, 'imports' | 'memory' | 'notes'>;
  readonly ledger: Ledger;
  readonly log: (event: ServeEvent) => void;
  /** Whether a registry was never swept to its end, and who is told when it is. */
  readonly isNew: (host: string) => boolean;
  readonly onSwept: (host: string) => Promise<void>;
}

export interface Work {
  /** Makes the wake-ups of a push or delete. */
  readonly take: (push: Push) => void;
  readonly inHand: number;
  idle(): Promise<void>;
  /** Takes nothing more; what runs may finish for so many milliseconds and is aborted then. */
  stop(grace: number): Promise<void>;
}

/** Keys that are worked on side by side. Each waits for registries most of its time. */
const CONCURRENCY = 16;

/** How often an import looks at a registry that is not known otherwise, in milliseconds. */
const IMPORTS_EVERY = 15 * 60_000;

/** What `serve` does behind its port: wake-ups come from events, sweeps and deadlines, and go through one queue. */
export function startWork(options: WorkOptions): Work {
  const { registries, rules, ledger, log, isNew, onSwept } = options;
  const stopping = new AbortController();
  const { tell, told } = createOrderedLog(event => {
    log(event);
    if (event.kind === 'published') imports?.published(event.target);
  });
  const own = new OwnWrites();
  const now = Date.now;
  const elapsed = () => performance.now();
  const setTimer = (callback: () => void, milliseconds: number) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  };

  const watched = registries.map(({ host, registry }) => [host, own.watching(host, registry)] as const);
  const queue = createQueue<InHand>({
    key: ({ wakeUp }) => keyOfWakeUp(wakeUp, rules) ?? `${wakeUp.registry}/${wakeUp.repository}`,
    concurrency: CONCURRENCY,
    setTimer,
    run: createPasses({
      registries: new Map(watched),
      ledger,
      rules,
      tell,
      now,
      elapsed,
      signal: stopping.signal,
    }),
    onGiveUp: (batch, error) => {
      const { registry, repository } = batch[0]!.wakeUp;
      sweeps.get(registry)?.forget(repository);
      if (stopping.signal.aborted) return;
      tell({ at: now(), kind: 'given-up', registry, repository, wakeUps: batch.length, error });
    },
  });
  const wake = (wakeUp: WakeUp): void => void queue.add({ wakeUp, came: elapsed() });

  const sweeps = new Map(
    registries.map(({ host, registry }) => {
      const known = async () => {
        const standings = await ledger.standings({ registry: host });
        return [...new Set(standings.map(({ target }) => target.repository))];
      };
      const troubled = async (repository: string) => {
        const standings = await ledger.standings({ registry: host, repository });
        return standings
          .filter(({ state }) => state === 'waiting' || state === 'held')
          .map(({ target }) => target.tag);
      };
      const options = { registry: host, reader: registry, rules, wake, now, known, troubled };
      return [host, createSweep(options)] as const;
    }),
  );
  const begin = new Promise<void>(resolve => setImmediate(resolve));
  // One that no rule is for is there for imports, which look for themselves.
  const ruled = new Set(rules.flatMap(({ repositories }) => repositories.map(({ registry }) => registry)));
  const reconciler = startReconciler({
    hosts: registries
      .filter(({ host }) => ruled.has(host))
      .map(({ host, every }) => ({ host, every, sweep: sweeps.get(host)! })),
    begin,
    due: createDue({ ledger, rules, wake, now }),
    isNew,
    onSwept,
    tell,
    setTimer,
    now,
  });

  const imports =
    options.imports &&
    startImports({
      ...options.imports,
      rules,
      registries: new Map(registries.map(({ host, registry }) => [host, registry])),
      sweepEvery: host => registries.find(one => one.host === host)?.every ?? IMPORTS_EVERY,
      // Not before everything was looked through once: what is published by then is copied as it is then.
      begin: reconciler.swept,
      onWriting: ({ registry, repository, tag }, digest) => own.note(registry, repository, tag, digest),
      tell,
      setTimer,
      now,
    });

  const take = (push: Push): void => {
    for (const wakeUp of wakeUpsOf(push, rules)) wake(wakeUp);
    imports?.pushed(push);
    sweeps.get(push.registry)?.note(push);
    tellPush(push);
  };
  const polls = startPolls({
    registries,
    rules,
    begin,
    take: pushes => {
      // Newest first, as they are listed; told as they happened.
      for (const push of pushes.toReversed()) take(push);
    },
    setTimer,
    now,
  });

  return {
    take,
    get inHand() {
      return queue.size + (imports?.size ?? 0);
    },
    async idle() {
      await reconciler.swept;
      // An import may write members of an index, and an index may be imported.
      do {
        await queue.idle();
        // A publication that is not told yet has not reached the imports.
        await told();
        await imports?.idle();
      } while (queue.size > 0);
      await told();
    },
    async stop(grace) {
      const patience = setTimeout(() => stopping.abort(), grace);
      await Promise.all([reconciler.stop(), polls.stop(), queue.stop(), imports?.stop()]);
      clearTimeout(patience);
      await told();
    },
  };

  /** The embedded registry tells what an image is for at no cost; another one is not asked for the log's sake. */
  function tellPush({ registry: host, repository, tag, digest, action }: Push): void {
    if (tag === undefined) return;
    if (action === 'push' && digest !== undefined && own.has(host, repository, tag, digest)) return;
    const target = { registry: host, repository, tag };
    const facts = { at: now(), kind: action, target, ...(digest !== undefined && { digest }) };
    const embedded = registries.find(one => one.embedded && one.host === host)?.registry;
    if (embedded === undefined || digest === undefined || action === 'delete') {
      tell({ ...facts, platforms: [] });
    } else {
      tell(platformsOf(embedded, repository, digest).then(platforms => ({ ...facts, platforms })));
    }
  }
}
