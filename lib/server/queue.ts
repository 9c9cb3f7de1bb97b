import { isArchweaveError } from '../errors.ts';

/** Waits between the passes of a key that fails, in milliseconds. */
export const BACK_OFF: readonly number[] = [50, 250, 1_000, 5_000, 15_000, 45_000, 120_000];

/**
 * However long a registry asks to be left alone, in milliseconds: new wake-ups wait that long too, and a timer of more
 * than 24 days would ring at once.
 */
export const LONGEST_REST = 15 * 60_000;

export interface QueueOptions<W> {
  /** What is worked on alone: wake-ups of one key are never in two passes at once. */
  readonly key: (wakeUp: W) => string;
  /**
   * One pass over everything known for a key, oldest first. `attempt` counts from 0: how often even the newest of
   * them has failed. Whoever rejects gets the same wake-ups, and those that came since, in a later pass.
   */
  readonly run: (batch: readonly W[], attempt: number) => Promise<void>;
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  readonly backOff?: readonly number[];
  /** Calls back once after so many milliseconds, unless the function that it gives is called before. */
  readonly setTimer: (callback: () => void, milliseconds: number) => () => void;
  /** Is told of wake-ups that are dropped, with the last error. Must not throw. */
  readonly onGiveUp: (batch: readonly W[], error: unknown) => void;
}

export interface Queue<W> {
  /** Whether it was taken; a queue that stops takes nothing. */
  add(wakeUp: W): boolean;
  /** Wake-ups that are not answered yet, those in a pass and those that wait for a retry among them. */
  readonly size: number;
  /** Resolves when nothing is left, retries included. */
  idle(): Promise<void>;
  /** Takes nothing any more, finishes what could start now, and leaves retries to the next sweep. */
  stop(): Promise<void>;
}

interface Item<W> {
  readonly wakeUp: W;
  readonly failures: number;
}

/** One key's work. */
interface Lane<W> {
  readonly key: string;
  /** Those that no pass has taken yet. */
  items: Item<W>[];
  rest?: Rest | undefined;
}

interface Rest {
  /** Whether the registry asked for it: then a new wake-up does not end it. */
  readonly asked: boolean;
  readonly cancel: () => void;
}

/**
 * The wake-ups of one process: a key after itself, different keys side by side.
 *
 * A wake-up is answered only by a pass that began after it came: one that comes during a pass of its key starts
 * another pass. Those that have not started are answered by one pass together. A failed pass comes again after a
 * rest (`BACK_OFF`, or as the registry asked, up to `LONGEST_REST`); a new wake-up ends a rest that nobody asked for. Given up is
 * what cannot work later either (`retryable` false) or has failed after the last rest.
 */
export function createQueue<W>(options: QueueOptions<W>): Queue<W> {
  const { key, run, concurrency, backOff = BACK_OFF, setTimer, onGiveUp } = options;
  const lanes = new Map<string, Lane<W>>();
  const ready: Lane<W>[] = [];
  let running = 0;
  let inPass = 0;
  let stopping = false;
  let waiters: (() => void)[] = [];

  function add(wakeUp: W): boolean {
    if (stopping) return false;
    const name = key(wakeUp);
    const item = { wakeUp, failures: 0 };
    const lane = lanes.get(name);
    if (lane === undefined) {
      const made: Lane<W> = { key: name, items: [item] };
      lanes.set(name, made);
      makeReady(made);
    } else {
      lane.items.push(item);
      if (lane.rest?.asked === false) makeReady(lane);
    }
    return true;
  }

  function makeReady(lane: Lane<W>): void {
    lane.rest?.cancel();
    lane.rest = undefined;
    ready.push(lane);
    start();
  }

  function start(): void {
    while (running < concurrency) {
      const lane = ready.shift();
      if (lane === undefined) break;
      running += 1;
      void pass(lane);
    }
    tellIfDone();
  }

  async function pass(lane: Lane<W>): Promise<void> {
    // What arrives in the same turn belongs to this pass: a push of several tags is one look.
    await Promise.resolve();
    const batch = lane.items;
    lane.items = [];
    inPass += batch.length;
    const attempt = batch.reduce((least, { failures }) => Math.min(least, failures), Infinity);
    const wakeUps = batch.map(({ wakeUp }) => wakeUp);
    const outcome = await Promise.try(run, wakeUps, attempt).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    inPass -= batch.length;
    running -= 1;
    if (outcome === undefined) goOn(lane);
    else fail(lane, batch, attempt, outcome.error);
    start();
  }

  function goOn(lane: Lane<W>): void {
    if (lane.items.length > 0) makeReady(lane);
    else lanes.delete(lane.key);
  }

  function fail(lane: Lane<W>, batch: readonly Item<W>[], attempt: number, error: unknown): void {
    const hopeless = isArchweaveError(error) && !error.retryable;
    const isLost = ({ failures }: Item<W>) => hopeless || failures >= backOff.length;
    const lost = batch.filter(isLost).map(({ wakeUp }) => wakeUp);
    const kept = batch.filter(item => !isLost(item));
    const arrived = lane.items;
    lane.items = [...kept.map(({ wakeUp, failures }) => ({ wakeUp, failures: failures + 1 })), ...arrived];
    if (lost.length > 0) onGiveUp(lost, error);
    const wish = isArchweaveError(error) ? Math.min((error.retryAfter ?? 0) * 1000, LONGEST_REST) : 0;
    if (wish === 0 && (kept.length === 0 || arrived.length > 0)) goOn(lane);
    else if (lane.items.length === 0) lanes.delete(lane.key);
    else rest(lane, Math.max(backOff[attempt] ?? 0, wish), wish > 0);
  }

  function rest(lane: Lane<W>, milliseconds: number, asked: boolean): void {
    if (stopping) lanes.delete(lane.key);
    else lane.rest = { asked, cancel: setTimer(() => makeReady(lane), milliseconds) };
  }

  function tellIfDone(): void {
    if (lanes.size > 0) return;
    const told = waiters;
    waiters = [];
    for (const tell of told) tell();
  }

  function idle(): Promise<void> {
    return lanes.size === 0 ? Promise.resolve() : new Promise(resolve => waiters.push(resolve));
  }

  return {
    add,
    get size() {
      return inPass + [...lanes.values()].reduce((sum, { items }) => sum + items.length, 0);
    },
    idle,
    stop() {
      stopping = true;
      for (const lane of lanes.values()) {
        lane.rest?.cancel();
        if (lane.rest !== undefined) lanes.delete(lane.key);
      }
      tellIfDone();
      return idle();
    },
  };
}
