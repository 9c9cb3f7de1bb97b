import type { Digest } from '../../lib/image/digest.ts';
import type { Branch } from './branch.ts';
import type { Core } from './core.ts';
import type { Errand } from './handler.ts';
import { receive } from './queue.ts';
import type { Scenario } from './scenario.ts';
import { copyOf, type Flight, type State } from './state.ts';
import { copyOfWatch, type Watch } from './watch.ts';

/** A handler of the explorer: an errand, and the place that its answers have led it to. */
export interface Walker {
  readonly errand: Errand;
  readonly branch: Branch;
  readonly watch: Watch;
  readonly holds: boolean;
  readonly flight?: Flight;
}

/** How many of each fault may still happen. */
export interface Budget {
  readonly crash: number;
  readonly expiry: number;
  /** Writes without an answer, which land whenever they like or never. */
  readonly timeout: number;
  readonly failedWrite: number;
  readonly apply: number;
}

/** The world at one moment: with the places of its handlers, all that can still come follows from it. */
export interface Point {
  readonly state: State;
  readonly handlers: readonly Walker[];
  readonly budget: Budget;
  /** How far each sequence of outside acts has come. */
  readonly threads: readonly number[];
}

/** A point that is being changed into the next one. */
export type Draft = { -readonly [K in keyof Point]: Point[K] };

export function copyOfPoint(point: Point): Draft {
  return {
    ...point,
    state: copyOf(point.state),
    handlers: point.handlers.map(walker => ({
      ...walker,
      watch: copyOfWatch(walker.watch),
      ...(walker.flight === undefined ? {} : { flight: { ...walker.flight } }),
    })),
  };
}

/** Events arrive at once, and a wake-up that already waits is not put there again: it would change nothing. */
export function deliverAll(core: Core, scenario: Scenario, state: State): void {
  const { events } = state;
  state.events = [];
  for (const event of events)
    receive(core, state, scenario, { ...event, id: 'event', time: '2026-01-05T08:00:00Z' });
  const waiting = new Map(state.queue.map(message => [JSON.stringify(message.wakeUp), message]));
  state.queue = [...waiting.values()];
}

const numbers = new Map<string, number>();

function short(digest: Digest | string | undefined): number {
  if (digest === undefined) return 0;
  const known = numbers.get(digest);
  if (known !== undefined) return known;
  numbers.set(digest, numbers.size + 1);
  return numbers.size;
}

/** The same text for points that differ in nothing that matters. */
export function keyOfPoint({ state, handlers, budget, threads }: Point): string {
  const flight = (one: Flight | undefined) => one && `${one.tag}:${short(one.digest)}:${one.landed ?? ''}`;
  return [
    sorted([...state.tags].map(([tag, { digest }]) => `${tag}:${short(digest)}`)),
    sorted(
      [...state.published].map(
        ([tag, { digest, required }]) => `${tag}:${short(digest)}:${short(required.join())}`,
      ),
    ),
    sorted(state.queue.map(({ wakeUp, attempts }) => `${short(JSON.stringify(wakeUp))}:${attempts}`)),
    sorted(state.orphans.map(one => flight(one)!)),
    sorted(
      [...state.removed].map(
        ([tag, { order, required, strict }]) => `${tag}${order}${short(required)}${strict}`,
      ),
    ),
    sorted(handlers.map(walker => `${walker.branch.id}:${walker.holds}:${flight(walker.flight) ?? ''}`)),
    Object.values(budget).join(),
    threads.join(),
  ].join('/');
}

function sorted(texts: readonly string[]): string {
  return texts.toSorted().join(' ');
}
