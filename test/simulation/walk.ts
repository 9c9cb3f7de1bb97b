import { answerTo } from './answers.ts';
import type { Exploration, Exploring } from './exploration.ts';
import { keepContent } from './images.ts';
import { holds } from './oracle.ts';
import type { Draft } from './point.ts';
import { BrokenPromise, checkLanding, checkRecord, checkSend, recordedOrder } from './promises.ts';
import { giveBack } from './queue.ts';
import { land } from './registry-acts.ts';
import type { Answer, Ask } from './run.ts';
import type { Flight, State } from './state.ts';
import { noteAnswer, noteSend } from './watch.ts';

/** Answers all that a handler asks, as of now. */
export async function reads(world: Exploring, draft: Draft, at: number): Promise<void> {
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

export function sends(
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

export function lands({ scenario, budget, noMutex }: Exploration, state: State, flight: Flight): void {
  const before = holds(state, scenario, flight.tag);
  land(state, flight);
  const { crash, expiry, timeout, apply } = budget;
  const lone = !noMutex && crash + expiry + timeout + apply === 0;
  if (flight.landed === 'done') checkLanding(state, scenario, flight, before, lone);
}

export async function answers(world: Exploring, draft: Draft, at: number, answer: Answer): Promise<void> {
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
export function releases({ state, handlers }: Draft, at: number): void {
  const { errand, holds: held } = handlers[at]!;
  if (!held || errand.kind !== 'queue') return;
  giveBack(
    state,
    errand.messages.map(message => ({ ...message, attempts: Math.min(message.attempts, 2) })),
  );
}
