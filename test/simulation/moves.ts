import { answerTo, failure, refusal } from './answers.ts';
import type { Branch } from './branch.ts';
import type { Core } from './core.ts';
import type { Errand } from './handler.ts';
import { keepContent, nameOf } from './images.ts';
import { holds } from './oracle.ts';
import { type Budget, copyOfPoint, deliverAll, type Point, type Walker } from './point.ts';
import { BrokenPromise, checkLanding, checkRecord, checkSend, recordedOrder } from './promises.ts';
import { giveBack, take } from './queue.ts';
import { land } from './registry-acts.ts';
import type { Answer, Ask } from './run.ts';
import { REGISTRY, REPOSITORY, type Scenario, targetsOf } from './scenario.ts';
import type { Flight, Message, State } from './state.ts';
import { tellAsk } from './tell.ts';
import { newWatch, noteAcknowledged, noteAnswer, noteSend } from './watch.ts';

/** What is explored: a rule, what happens outside in which sequences, and how many faults of which kind. */
export interface Exploration {
  readonly name: string;
  readonly scenario: Scenario;
  readonly before?: (state: State) => void;
  readonly threads: readonly (readonly OutsideAct[])[];
  readonly budget: Budget;
  readonly mostHandlers: number;
  /** Whether two handlers may work on one key at once, as they may without a queue. */
  readonly noMutex?: boolean;
}

export interface OutsideAct {
  readonly label: string;
  readonly optional?: boolean;
  readonly act: (point: Point) => void;
}

export interface Exploring {
  readonly core: Core;
  readonly exploration: Exploration;
  readonly start: (key: string, errand: Errand) => Promise<Branch>;
}

/** `optional` moves need not happen for the world to come to rest. */
export interface Move {
  readonly label: string;
  readonly optional?: boolean;
  readonly go: () => Promise<Point>;
}

type Draft = ReturnType<typeof copyOfPoint>;

/** Everything that can happen next. */
export function* movesOf(world: Exploring, point: Point): Generator<Move> {
  const { exploration } = world;
  const change = (label: string, apply: (draft: Draft) => unknown, optional = false): Move => ({
    label,
    optional,
    go: async () => {
      const draft = copyOfPoint(point);
      await apply(draft);
      deliverAll(world.core, exploration.scenario, draft.state);
      return draft;
    },
  });
  for (const [thread, acts] of exploration.threads.entries()) {
    const next = acts[point.threads[thread]!];
    if (next === undefined) continue;
    yield change(
      next.label,
      draft => {
        draft.threads = draft.threads.with(thread, draft.threads[thread]! + 1);
        next.act(draft);
      },
      next.optional,
    );
  }
  const room = point.handlers.length < exploration.mostHandlers;
  if (room) {
    const busy = new Set(
      point.handlers.flatMap(({ errand, holds }) =>
        errand.kind === 'queue' && holds ? errand.messages.map(({ key }) => key) : [],
      ),
    );
    for (const message of point.state.queue)
      if (exploration.noMutex || !busy.has(message.key))
        yield change(`a handler takes ${told(message)}`, draft => starts(world, draft, message));
    if (point.budget.apply > 0) yield* applies(world, change);
  }
  for (const [at, flight] of point.state.orphans.entries()) {
    yield change(`the write ${tellFlight(flight)} lands late`, draft => {
      lands(exploration, draft.state, draft.state.orphans.splice(at, 1)[0]!);
    });
    yield change(`the write ${tellFlight(flight)} never lands`, draft => draft.state.orphans.splice(at, 1));
  }
  for (const [at, walker] of point.handlers.entries())
    yield* movesOfHandler(world, point, walker, at, change);
}

type Change = (label: string, apply: (draft: Draft) => unknown, optional?: boolean) => Move;

function* applies(world: Exploring, change: Change): Generator<Move> {
  const { core, exploration } = world;
  const target = targetsOf(exploration.scenario)[0]!;
  const cause = { source: 'cli' as const, id: 'cli', time: '2026-01-05T08:00:00Z' };
  const [wakeUp] = core.verifyWakeUps(exploration.scenario.rule, REGISTRY, REPOSITORY, target, cause);
  yield change(
    `somebody runs apply ${target}`,
    async draft => {
      draft.budget = { ...draft.budget, apply: draft.budget.apply - 1 };
      const errand: Errand = { kind: 'apply', wakeUp: wakeUp! };
      const branch = await world.start(`apply ${target}`, errand);
      draft.handlers = [...draft.handlers, { errand, branch, watch: newWatch(), holds: false }];
    },
    true,
  );
}

async function starts(world: Exploring, draft: Draft, message: Message): Promise<void> {
  take(draft.state, [message]);
  const errand: Errand = { kind: 'queue', messages: [message] };
  const branch = await world.start(`${JSON.stringify(message.wakeUp)} ${message.attempts}`, errand);
  draft.handlers = [...draft.handlers, { errand, branch, watch: newWatch(), holds: true }];
}

function* movesOfHandler(
  world: Exploring,
  { budget }: Point,
  walker: Walker,
  at: number,
  change: Change,
): Generator<Move> {
  const { flight, branch } = walker;
  const name = walker.errand.kind === 'queue' ? told(walker.errand.messages[0]!) : 'apply';
  const asked = branch.calls[0]!.ask;
  if (asked.method !== 'write')
    yield change(`[${name}] ${branch.calls.map(({ ask }) => tellAsk(ask)).join(', ')}`, draft =>
      reads(world, draft, at),
    );
  else if (flight === undefined) {
    yield change(`[${name}] sends ${tellWrite(asked)}`, draft => sends(world, draft, at, asked));
    if (budget.failedWrite > 0)
      yield fault('failedWrite', `[${name}] cannot write, the registry fails`, draft =>
        answers(world, draft, at, failure(world.core, 'registry-failed')),
      );
  } else if (flight.landed === undefined) {
    yield change(`the write ${tellFlight(flight)} lands`, draft =>
      lands(world.exploration, draft.state, draft.handlers[at]!.flight!),
    );
    if (budget.timeout > 0)
      yield fault('timeout', `[${name}] gets no answer to its write`, draft => {
        draft.state.orphans.push(draft.handlers[at]!.flight!);
        return answers(world, draft, at, failure(world.core, 'timeout'));
      });
  } else
    yield change(`[${name}] is told of its write: ${flight.landed}`, draft => {
      const { watch } = draft.handlers[at]!;
      const { landed } = flight;
      if (landed === 'done') noteAcknowledged(watch, flight.tag, flight.digest);
      const answer = landed === 'done' ? { value: undefined } : refusal(world.core, landed!);
      return answers(world, draft, at, answer);
    });
  if (budget.crash > 0)
    yield fault('crash', `[${name}] dies`, draft => {
      if (flight !== undefined && flight.landed === undefined) draft.state.orphans.push({ ...flight });
      releases(draft, at);
      draft.handlers = draft.handlers.toSpliced(at, 1);
    });
  if (budget.expiry > 0 && walker.holds)
    yield fault('expiry', `[${name}]'s message becomes visible again`, draft => {
      releases(draft, at);
      draft.handlers = draft.handlers.with(at, { ...draft.handlers[at]!, holds: false });
    });

  function fault(kind: keyof Budget, label: string, apply: (draft: Draft) => unknown): Move {
    return change(
      label,
      async draft => {
        draft.budget = { ...draft.budget, [kind]: draft.budget[kind] - 1 };
        await apply(draft);
      },
      true,
    );
  }
}

/** Answers all that a handler asks, as of now. */
async function reads(world: Exploring, draft: Draft, at: number): Promise<void> {
  const { branch, watch } = draft.handlers[at]!;
  const { state } = draft;
  const given: Answer[] = [];
  for (const { ask } of branch.calls) {
    const before =
      ask.method === 'remember' ? recordedOrder(state, world.exploration.scenario, ask.tag) : undefined;
    const answer = answerTo(ask as Exclude<Ask, { method: 'write' }>, {
      state,
      pageSize: 100,
      tellsTimes: false,
    });
    noteAnswer(watch, ask, answer);
    if (ask.method === 'remember') checkRecord(state, world.exploration.scenario, ask.tag, before);
    given.push(answer);
  }
  await follows(world, draft, at, given);
}

function sends(
  { exploration }: Exploring,
  draft: Draft,
  at: number,
  ask: Extract<Ask, { method: 'write' }>,
): void {
  const { digest } = keepContent(ask.manifest);
  const walker = draft.handlers[at]!;
  const { watch } = walker;
  const tag = ask.reference;
  checkSend({ state: draft.state, scenario: exploration.scenario, watch, tag, digest });
  noteSend(watch, tag);
  draft.handlers = draft.handlers.with(at, { ...walker, flight: { tag, digest, speed: 1, byPerson: false } });
}

function lands({ scenario, budget, noMutex }: Exploration, state: State, flight: Flight): void {
  const before = holds(state, scenario, flight.tag);
  land(state, flight);
  const { crash, expiry, timeout, apply } = budget;
  const lone = !noMutex && crash + expiry + timeout + apply === 0;
  if (flight.landed === 'done') checkLanding(state, scenario, flight, before, lone);
}

async function answers(world: Exploring, draft: Draft, at: number, answer: Answer): Promise<void> {
  const { flight: _, ...walker } = draft.handlers[at]!;
  draft.handlers = draft.handlers.with(at, walker);
  await follows(world, draft, at, [answer]);
}

async function follows(
  { core }: Exploring,
  draft: Draft,
  at: number,
  given: readonly Answer[],
): Promise<void> {
  const walker = draft.handlers[at]!;
  const branch = await walker.branch.follow(given);
  draft.handlers = draft.handlers.with(at, { ...walker, branch });
  const { end } = branch;
  if (end === undefined) return;
  if (end.kind === 'threw') {
    const code = end.error instanceof core.ArchweaveError ? end.error.code : undefined;
    if (code === undefined || code === 'internal')
      throw new BrokenPromise(6, `a handler threw ${end.error.stack}`);
    releases(draft, at);
  }
  draft.handlers = draft.handlers.toSpliced(at, 1);
}

/** Gives a handler's message back. How often it came back counts up to what the code tells apart. */
function releases({ state, handlers }: Draft, at: number): void {
  const { errand, holds: held } = handlers[at]!;
  if (!held || errand.kind !== 'queue') return;
  giveBack(
    state,
    errand.messages.map(message => ({ ...message, attempts: Math.min(message.attempts, 2) })),
  );
}

function told({ wakeUp }: Message): string {
  return wakeUp.kind === 'verify'
    ? `verify ${wakeUp.target}`
    : `group ${Object.values(wakeUp.captures).join()}`;
}

function tellWrite({ reference, manifest }: Extract<Ask, { method: 'write' }>): string {
  keepContent(manifest);
  return `${reference} = ${nameOf(manifest.digest)}`;
}

function tellFlight({ tag, digest }: Flight): string {
  return `${tag} = ${nameOf(digest)}`;
}
