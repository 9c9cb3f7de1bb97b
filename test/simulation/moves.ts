import { failure, refusal } from './answers.ts';
import type { Exploring } from './exploration.ts';
import type { Errand } from './handler.ts';
import { keepContent, nameOf } from './images.ts';
import { type Budget, copyOfPoint, type Draft, deliverAll, type Point, type Walker } from './point.ts';
import { take } from './queue.ts';
import type { Ask } from './run.ts';
import { REGISTRY, REPOSITORY, targetsOf } from './scenario.ts';
import type { Flight, Message } from './state.ts';
import { tellAsk } from './tell.ts';
import { answers, lands, reads, releases, sends } from './walk.ts';
import { newWatch, noteAcknowledged } from './watch.ts';

/** `optional` moves need not happen for the world to come to rest. */
export interface Move {
  readonly label: string;
  readonly optional?: boolean;
  readonly go: () => Promise<Point>;
}

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
