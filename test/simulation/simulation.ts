import type { WakeUp } from '../../lib/assembly/wake-up.ts';
import type { Core } from './core.ts';
import type { Faults } from './faults.ts';
import { type Errand, type Handler, startHandler } from './handler.ts';
import { moveOn } from './handler-step.ts';
import { nameOf } from './images.ts';
import { holds } from './oracle.ts';
import { checkLanding } from './promises.ts';
import { enqueue, ready, receive, take } from './queue.ts';
import type { Random } from './random.ts';
import { land } from './registry-acts.ts';
import type { Surroundings } from './run.ts';
import { REGISTRY, type Scenario } from './scenario.ts';
import { emptyState, type Flight, type Message, type State } from './state.ts';

export interface Setting {
  readonly core: Core;
  readonly scenario: Scenario;
  readonly random: Random;
  readonly faults: Faults;
  /** Whether the queue is the only writer, and no write outlives its handler. */
  readonly lone: boolean;
  readonly tellsTimes: boolean;
  readonly tellsImmutable: boolean;
  readonly pageSize: number;
  /** Drops a message whose content was queued in the last five minutes: a mistake that a queue can be set to make. */
  readonly contentDeduplication?: boolean;
  readonly trace?: (line: string) => void;
}

const SLOW = 0.02;
const MOST_HANDLERS = 3;
const BATCH = 10;
const DEDUPLICATION = 5 * 60_000;
export const MORNING = Date.UTC(2026, 0, 5, 8);

/** The world of one seed: who may take the next step is drawn by lot, and everything waits for its turn. */
export class Simulation {
  readonly setting: Setting;
  readonly state: State = emptyState(MORNING);
  readonly handlers: Handler[] = [];
  readonly counts = new Map<string, number>();
  faults: Faults;
  steps = 0;
  /** Deadlines that somebody was woken for. */
  readonly fellDue = new Set<string>();
  /** How many writes more the registry will refuse to answer. */
  outage = 0;
  /** What tags were before their last changes, for reads that lag behind. */
  readonly snapshots: State['tags'][] = [];
  readonly #surroundings: Surroundings;
  readonly #seenContent = new Map<string, number>();

  constructor(setting: Setting) {
    this.setting = setting;
    this.faults = setting.faults;
    this.#surroundings = {
      registry: REGISTRY,
      rules: [setting.scenario.rule],
      configs: new setting.core.ConfigCache(),
      now: () => this.state.now,
      tellsImmutable: setting.tellsImmutable,
    };
  }

  tell(line: string): void {
    this.setting.trace?.(`${String(this.steps).padStart(4)}  ${line}`);
  }

  readonly count = (what: string): void => {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  };

  /** Whether nothing moves: no handler, no write, no event, no wake-up. */
  get rests(): boolean {
    const { orphans, events, queue } = this.state;
    return this.handlers.length + orphans.length + events.length + queue.length === 0;
  }

  async start(errand: Errand): Promise<void> {
    const name = `${errand.kind} ${this.state.nextId++}`;
    this.tell(`${name} starts: ${describe(errand)}`);
    const speed = this.speed();
    this.handlers.push(await startHandler(this.setting.core, this.#surroundings, errand, { name, speed }));
  }

  enqueue(wakeUp: WakeUp): void {
    enqueue(this.setting.core, this.state, this.setting.scenario.rule, wakeUp);
  }

  /** Keeps what tags were before they change, for reads that lag behind. */
  snapshot(): void {
    this.snapshots.push(new Map(this.state.tags));
    if (this.snapshots.length > 4) this.snapshots.shift();
  }

  /** One step of somebody; false where nobody can take one. */
  async step(): Promise<boolean> {
    const { random } = this.setting;
    const { state } = this;
    const busy = new Set(
      this.handlers.flatMap(({ errand, holds }) =>
        errand.kind === 'queue' && holds ? errand.messages.map(({ key }) => key) : [],
      ),
    );
    const moves: { weight: number; value: () => Promise<void> | void }[] = [];
    for (const handler of this.handlers) {
      for (const call of handler.run.pending) {
        if (call.ask.method === 'write' && handler.flight && !handler.flight.landed && !handler.failed)
          continue;
        moves.push({ weight: handler.speed, value: () => moveOn(this, handler, call) });
      }
      if (handler.flight && !handler.flight.landed)
        moves.push({ weight: handler.flight.speed, value: () => this.land(handler.flight!) });
    }
    for (const flight of state.orphans)
      moves.push({ weight: flight.speed, value: () => this.#landLate(flight) });
    for (const event of state.events) moves.push({ weight: 1, value: () => this.#deliver(event) });
    if (this.handlers.length < MOST_HANDLERS)
      for (const messages of ready(state, busy))
        moves.push({ weight: 1, value: () => this.#take(messages.slice(0, 1 + random.below(BATCH))) });
    if (moves.length === 0) return false;
    this.steps++;
    state.now += random.below(400);
    await random.weighted(moves)();
    return true;
  }

  speed(): number {
    return this.setting.random.chance(this.faults.starved) ? SLOW : 1;
  }

  #take(messages: readonly Message[]): Promise<void> {
    take(this.state, messages);
    return this.start({ kind: 'queue', messages });
  }

  #deliver(event: State['events'][number]): void {
    const { random, core, scenario } = this.setting;
    this.state.events = this.state.events.filter(other => other !== event);
    if (random.chance(this.faults.lostEvent)) {
      this.count('lostEvent');
      this.tell(`the event of ${event.action} ${event.tag ?? ''} is lost`);
      return;
    }
    if (random.chance(this.faults.doubleEvent)) {
      this.count('doubleEvent');
      this.state.events.push({ ...event, id: `${event.id} again` });
    }
    if (this.setting.contentDeduplication && this.#isRepeated(event)) return;
    receive(core, this.state, scenario, event);
  }

  #isRepeated({ tag, digest, action }: State['events'][number]): boolean {
    const content = `${action} ${tag} ${digest}`;
    const last = this.#seenContent.get(content);
    if (last !== undefined && this.state.now - last < DEDUPLICATION) return true;
    this.#seenContent.set(content, this.state.now);
    return false;
  }

  /** A write arrives. */
  land(flight: Flight): void {
    const { scenario, lone } = this.setting;
    const before = holds(this.state, scenario, flight.tag);
    this.snapshot();
    land(this.state, flight);
    this.tell(`the write ${flight.tag} = ${nameOf(flight.digest)} arrives: ${flight.landed}`);
    if (flight.landed === 'done') {
      this.count('landing');
      if (checkLanding(this.state, scenario, flight, before, lone)) this.count('excused');
    }
  }

  #landLate(flight: Flight): void {
    this.state.orphans = this.state.orphans.filter(other => other !== flight);
    this.tell('a write lands after its sender gave it up:');
    this.land(flight);
  }
}

function describe(errand: Errand): string {
  if (errand.kind === 'create') return `${errand.tag} of ${errand.group}`;
  const wakeUps = errand.kind === 'queue' ? errand.messages.map(({ wakeUp }) => wakeUp) : [errand.wakeUp];
  return wakeUps
    .map(wakeUp =>
      wakeUp.kind === 'verify' ? `verify ${wakeUp.target}` : `group ${Object.values(wakeUp.captures)}`,
    )
    .join(', ');
}
