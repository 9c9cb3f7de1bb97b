import type { Announcement } from '../assembly/announcement.ts';
import { assemble } from '../assembly/assemble.ts';
import { ConfigCache } from '../assembly/config-cache.ts';
import type { Outcome } from '../assembly/report.ts';
import type { WakeUp } from '../assembly/wake-up.ts';
import { type World, WRITE_TIME } from '../assembly/world.ts';
import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { Ledger } from '../ledger/interface.ts';
import { targetKey } from '../ledger/target-key.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import type { ServeEvent } from './serve-event.ts';

/** A wake-up, and when it came (milliseconds of the process's own clock). */
export interface InHand {
  readonly wakeUp: WakeUp;
  readonly came: number;
}

export interface PassOptions {
  readonly registries: ReadonlyMap<string, AssemblyRegistry>;
  readonly ledger: Ledger;
  readonly rules: readonly Rule[];
  readonly tell: (event: ServeEvent) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  readonly signal: AbortSignal;
}

/** The end of a write's own time comes a second before a successor could look. */
const WRITE_DEADLINE = WRITE_TIME - 1_000;

/**
 * Makes what the queue runs: one pass of assembly over a key, and the lines of the log that come of it. A change of
 * state is told, what stays as it was is not.
 */
export function createPasses(options: PassOptions) {
  const { registries, ledger, rules, tell, now, elapsed, signal } = options;
  const configs = new ConfigCache();

  return async (batch: readonly InHand[], attempt: number): Promise<void> => {
    const { registry: host, repository } = batch[0]!.wakeUp;
    const registry = registries.get(host);
    if (registry === undefined) return;
    const changed = new Set<string>();
    const world: World = {
      registry,
      rules,
      configs,
      clock: { now },
      signal,
      writeSignal: () => AbortSignal.any([signal, AbortSignal.timeout(WRITE_DEADLINE)]),
      ledger: telling(ledger, changed),
      announce: async announcement => tell(announced(announcement, batch, now(), elapsed())),
    };
    try {
      const outcomes = await assemble(
        world,
        batch.map(({ wakeUp }) => wakeUp),
        attempt,
      );
      for (const outcome of outcomes) {
        if (outcome.state === 'waiting' && changed.has(targetKey(outcome.target)))
          tell(waiting(outcome, now()));
      }
    } catch (error) {
      if (signal.aborted) throw interrupted(host, repository, error);
      if (attempt === 0 && !(isArchweaveError(error) && !error.retryable)) {
        tell({ at: now(), kind: 'failing', registry: host, repository, wakeUps: batch.length, error });
      }
      throw error;
    }
  };
}

/** The ledger, noting which targets' state changed: only then an entry goes into the history. */
function telling(ledger: Ledger, changed: Set<string>): Ledger {
  return {
    published: target => ledger.published(target),
    remember: (target, next, keeps) => ledger.remember(target, next, keeps),
    forget: target => ledger.forget(target),
    standing: target => ledger.standing(target),
    history: (target, limit) => ledger.history(target, limit),
    standings: scope => ledger.standings(scope),
    due: (time, limit) => ledger.due(time, limit),
    record: (standing, entry) => {
      if (entry !== undefined) changed.add(targetKey(standing.target));
      return ledger.record(standing, entry);
    },
  };
}

function announced(
  { type, target, group, digest, resolves }: Announcement,
  batch: readonly InHand[],
  at: number,
  elapsed: number,
): ServeEvent {
  const { platforms } = group;
  if (type === 'Index Published') {
    return {
      at,
      kind: 'published',
      target,
      platforms,
      took: elapsed - batch.reduce((last, { came }) => Math.max(last, came), 0),
      found: batch.every(
        ({ wakeUp: { cause } }) => cause.source === 'sweep' || cause.source === 'first-sweep',
      ),
      ...(digest !== undefined && { digest }),
      ...(resolves !== undefined && { resolves }),
    };
  }
  const kind = ({ 'Index Held': 'held', 'Index Overdue': 'overdue', 'Index Planned': 'planned' } as const)[
    type
  ];
  return { at, kind, target, ...told(group) };
}

function waiting({ target, group }: Outcome, at: number): ServeEvent {
  return { at, kind: 'waiting', target, ...told(group) };
}

function told({ reasons, platforms, keeps }: Outcome['group']) {
  return {
    reasons: reasons.map(({ message }) => message),
    platforms,
    ...(keeps !== undefined && { keeps }),
  };
}

/** Not a failure of anybody: the process stops, and its successor sweeps. */
function interrupted(host: string, repository: string, cause: unknown): ArchweaveError {
  return new ArchweaveError({ code: 'interrupted', attempt: `assemble ${host}/${repository}`, cause });
}
