import type { Announcement } from '../assembly/announcement.ts';
import { assemble } from '../assembly/assemble.ts';
import { ConfigCache } from '../assembly/config-cache.ts';
import type { Outcome } from '../assembly/report.ts';
import type { Cause, WakeUp } from '../assembly/wake-up.ts';
import { type World, WRITE_TIME } from '../assembly/world.ts';
import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { Ledger } from '../ledger/interface.ts';
import type { MarkStore } from '../ledger/marks.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import { decisionFacts } from './decision-facts.ts';
import { lookMark } from './look-mark.ts';
import { failureFacts, type Telemetry } from './telemetry.ts';
import { type WatchedRegistry, watchRegistry } from './watched-registry.ts';

/** What is known of a change beside the change itself. */
export interface Occasion {
  readonly cause: Cause;
  /** Of the index, where it was written. */
  readonly mediaType?: string;
}

export interface PassesOptions {
  /** Undefined for a registry that the configuration does not have any more. */
  readonly registryOf: (host: string) => AssemblyRegistry | undefined;
  readonly ledger: Ledger & Pick<MarkStore, 'mark'>;
  readonly rules: readonly Rule[];
  /** Tells others; its failures are logged and undo nothing. */
  readonly announce: (announcement: Announcement, occasion: Occasion) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  readonly timeout: (milliseconds: number) => AbortSignal;
  /** Comes back when the next write may be sent, so that a share of the account's rate is kept to. */
  readonly writeTurn?: () => Promise<void>;
}

/** The end of a write's own time comes a second before a successor could look. */
const WRITE_DEADLINE = WRITE_TIME - 1_000;
/** A pass is ended so long before its run is, in milliseconds, to hand its messages back in order. */
const EARLY = 2_000;

/** Makes what a batch runs for each group: one pass of assembly, a line of the log for each decision, and numbers. */
export function createPasses(options: PassesOptions) {
  const { registryOf, ledger, rules, announce, telemetry, now, elapsed, timeout, writeTurn } = options;
  const configs = new ConfigCache();

  return async (wakeUps: readonly WakeUp[], attempt: number, remaining: () => number): Promise<void> => {
    const began = elapsed();
    const { registry: host, repository } = wakeUps[0]!;
    const registry = registryOf(host);
    if (registry === undefined) {
      telemetry.log('warn', 'ignored', { reason: 'unknown registry', registry: host, repository });
      return;
    }
    const watched = watchRegistry(registry);
    const cause = newestCause(wakeUps);
    const world: World = {
      registry: watched.registry,
      ledger,
      rules,
      configs,
      clock: { now },
      remaining,
      signal: timeout(Math.max(0, remaining() - EARLY)),
      writeSignal: () => timeout(WRITE_DEADLINE),
      ...(writeTurn && { writeTurn }),
      announce: async announcement => {
        if (announcement.type === 'Index Overdue') telemetry.measure('IndexOverdue');
        const mediaType = announcement.digest && watched.mediaTypeOf(announcement.digest);
        try {
          await announce(announcement, { cause, ...(mediaType !== undefined && { mediaType }) });
        } catch (error) {
          telemetry.log('error', 'not announced', { type: announcement.type, ...failureFacts(error) });
        }
      },
    };
    try {
      const outcomes = await assemble(world, wakeUps, attempt);
      const work = { ...watched.counts, ms: Math.round(elapsed() - began) };
      for (const outcome of outcomes) {
        telemetry.log('info', 'decision', decisionFacts(outcome, work));
        count(telemetry, outcome, wakeUps, now());
        await markLook(options, outcome, watched);
      }
    } catch (error) {
      if (isArchweaveError(error) && error.code === 'tag-moved') telemetry.measure('DecideAgain');
      throw world.signal?.aborted ? outOfTime(host, repository, error) : error;
    } finally {
      const { reads, writes, throttled } = watched.counts;
      telemetry.measure('RegistryRequests', reads + writes);
      if (throttled > 0) telemetry.measure('RegistryThrottled', throttled);
    }
  };
}

const COUNTED = {
  published: 'IndexPublished',
  unchanged: 'IndexUnchanged',
  waiting: 'IndexWaiting',
  held: 'IndexHeld',
} as const;

function count(telemetry: Telemetry, { state }: Outcome, wakeUps: readonly WakeUp[], now: number): void {
  if (state === 'ignored' || state === 'planned') return;
  telemetry.measure(COUNTED[state]);
  if (state !== 'published') return;
  const pushes = wakeUps.filter(({ cause }) => cause.source === 'event');
  const last = Math.max(...pushes.map(({ cause }) => Date.parse(cause.time)));
  if (pushes.length > 0) telemetry.measure('PushToIndexMs', Math.max(0, now - last));
  else if (wakeUps.some(({ cause }) => cause.source.endsWith('sweep'))) telemetry.measure('SweepRepaired');
}

/** A target that is held is not marked: what holds it may be something that no tag shows, so sweeps look again. */
async function markLook(
  { ledger, rules, telemetry }: PassesOptions,
  { target, state, group }: Outcome,
  watched: WatchedRegistry,
): Promise<void> {
  const rule = rules.find(({ name }) => name === group.rule.name);
  if (rule === undefined || state === 'held' || state === 'planned') return;
  const mark = lookMark(rule, target.tag, tag => watched.held(tag));
  if (mark === undefined) return;
  await ledger.mark(target, mark).catch((error: unknown) => {
    telemetry.log('warn', 'not marked', { ...target, ...failureFacts(error) });
  });
}

/** An event before a sweep, and the latest event: what people mean by "because of". */
function newestCause(wakeUps: readonly WakeUp[]): Cause {
  const causes = wakeUps.map(({ cause }) => cause);
  const events = causes.filter(({ source }) => source === 'event');
  return (events.length > 0 ? events : causes)
    .toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
    .at(-1)!;
}

function outOfTime(host: string, repository: string, cause: unknown): ArchweaveError {
  const attempt = `assemble ${host}/${repository}`;
  return new ArchweaveError({
    code: 'timeout',
    attempt,
    reason: 'this run is at its end',
    retryable: true,
    cause,
  });
}
