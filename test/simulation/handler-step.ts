import { answerTo, failure, refusal } from './answers.ts';
import { NO_FAULTS } from './faults.ts';
import type { Handler } from './handler.ts';
import { keepContent, nameOf } from './images.ts';
import { BrokenPromise, checkRecord, checkSend, recordedOrder } from './promises.ts';
import { giveBack } from './queue.ts';
import type { Answer, Ask, Call } from './run.ts';
import type { Simulation } from './simulation.ts';
import { noteHidden, staleTags } from './stale.ts';
import type { Flight } from './state.ts';
import { tellAnswer, tellAsk } from './tell.ts';
import { noteAcknowledged, noteAnswer, noteSend } from './watch.ts';

/** One step of a handler: it gets an answer, or sends a write, or a fault befalls it. */
export async function moveOn(simulation: Simulation, handler: Handler, call: Call): Promise<void> {
  const { state, setting, faults } = simulation;
  const { ask } = call;
  if (setting.random.chance(faults.crash)) return crash(simulation, handler);
  if (handler.holds && setting.random.chance(faults.expiry)) {
    simulation.count('expiry');
    simulation.tell(`the messages of ${handler.name} become visible again`);
    release(simulation, handler);
  }
  if (ask.method === 'write') return write(simulation, handler, call, ask);
  const recorded = ask.method === 'remember' ? recordedOrder(state, setting.scenario, ask.tag) : undefined;
  const answer = answerNow(simulation, handler, call, ask);
  if (answer === undefined) return;
  if (ask.method === 'record' && ask.standing.reason === 'contested') simulation.count('contested');
  noteAnswer(handler.watch, ask, answer);
  simulation.tell(`${handler.name} ${tellAsk(ask)}: ${tellAnswer(ask, answer)}`);
  if (ask.method === 'remember') checkRecord(state, setting.scenario, ask.tag, recorded);
  await goOn(simulation, handler, call, answer);
}

/** The answer, or undefined where a torn read has only got on by one tag. */
function answerNow(
  simulation: Simulation,
  handler: Handler,
  call: Call,
  ask: Exclude<Ask, { method: 'write' }>,
): Answer | undefined {
  const { state, setting, faults } = simulation;
  const { random, core, pageSize, tellsTimes } = setting;
  const reads = ask.method === 'readManifests' || ask.method === 'resolveReferences';
  const world = { state, pageSize, tellsTimes };
  if (!reads && ask.method !== 'listTags') return answerTo(ask, world);
  if (random.chance(faults.failedRead)) {
    simulation.count('failedRead');
    return failure(core, 'unreachable');
  }
  if (!reads) return answerTo(ask, world);
  const tags = staleTags(simulation) ?? state.tags;
  const begun = handler.torn.get(call);
  if (!begun && !random.chance(faults.torn)) {
    noteHidden(state, setting.scenario, handler.watch, ask.references, tags);
    return answerTo(ask, { ...world, tags });
  }
  const answers = begun ?? new Map<string, unknown>();
  handler.torn.set(call, answers);
  const left = ask.references.filter(reference => !answers.has(reference));
  const reference = random.pick(left);
  noteHidden(state, setting.scenario, handler.watch, [reference], tags);
  const part = answerTo({ ...ask, references: [reference] }, { ...world, tags });
  if ('value' in part) answers.set(reference, (part.value as Map<string, unknown>).get(reference));
  handler.watch.phase = { kind: 'looked' };
  if (left.length > 1) return undefined;
  simulation.count('torn');
  return { value: answers };
}

/** Sends the write, or brings its answer. */
async function write(
  simulation: Simulation,
  handler: Handler,
  call: Call,
  ask: Extract<Ask, { method: 'write' }>,
): Promise<void> {
  const { state, setting } = simulation;
  const { flight: sent, watch } = handler;
  const tag = ask.reference;
  if (handler.failed) {
    const code = handler.failed;
    delete handler.failed;
    simulation.tell(`${handler.name} is told that its write of ${tag} failed: ${code}`);
    return goOn(simulation, handler, call, failure(setting.core, code));
  }
  if (sent?.landed) {
    const { landed, digest } = sent;
    delete handler.flight;
    simulation.tell(`${handler.name} is told of its write of ${tag}: ${landed}`);
    if (landed === 'done') noteAcknowledged(watch, tag, digest);
    const answer = landed === 'done' ? { value: undefined } : refusal(setting.core, landed);
    return goOn(simulation, handler, call, answer);
  }
  const { digest } = keepContent(ask.manifest);
  const byPerson = handler.errand.kind === 'create';
  if (!byPerson) checkSend({ state, scenario: setting.scenario, watch, tag, digest });
  noteSend(watch, tag);
  simulation.tell(`${handler.name} sends ${tag} = ${nameOf(digest)}`);
  const unaware = watch.unaware.get(tag);
  const flight: Flight = { tag, digest, speed: simulation.speed(), byPerson, ...(unaware && { unaware }) };
  send(simulation, handler, flight);
}

function send(simulation: Simulation, handler: Handler, flight: Flight): void {
  const { state, setting, faults, count } = simulation;
  const { random } = setting;
  if (random.chance(faults.failedWrite)) simulation.outage = 1 + random.below(5);
  if (simulation.outage > 0) {
    simulation.outage--;
    count('failedWrite');
    handler.failed = 'registry-failed';
  } else if (random.chance(faults.lostWrite)) {
    count('lostWrite');
    handler.failed = 'timeout';
  } else if (random.chance(faults.timeout)) {
    count('timeout');
    handler.failed = 'timeout';
    state.orphans.push(flight);
  } else handler.flight = flight;
}

function crash(simulation: Simulation, handler: Handler): void {
  const { state, setting, faults, handlers } = simulation;
  simulation.count('crash');
  simulation.tell(`${handler.name} dies`);
  handlers.splice(handlers.indexOf(handler), 1);
  if (handler.flight && !handler.flight.landed) {
    if (faults.lostWrite > 0 && setting.random.chance(0.3)) simulation.count('lostWrite');
    else state.orphans.push(handler.flight);
  }
  release(simulation, handler);
}

/** Its messages go back to the queue, for another handler. */
function release(simulation: Simulation, handler: Handler): void {
  const { state } = simulation;
  if (handler.holds && handler.errand.kind === 'queue') {
    const buried = state.dead.length;
    giveBack(state, handler.errand.messages);
    if (state.dead.length > buried) simulation.count('dead letter');
  }
  handler.holds = false;
}

async function goOn(simulation: Simulation, handler: Handler, call: Call, answer: Answer): Promise<void> {
  const { handlers, setting, state, faults } = simulation;
  handler.torn.delete(call);
  await handler.run.answer(call, answer);
  const { end } = handler.run;
  if (end === undefined) return;
  handlers.splice(handlers.indexOf(handler), 1);
  if (end.kind === 'returned') {
    simulation.tell(`${handler.name} is done`);
    return;
  }
  const { error } = end;
  simulation.tell(`${handler.name} fails: ${error.message}`);
  if (!(error instanceof setting.core.ArchweaveError) || error.code === 'internal')
    throw new BrokenPromise(6, `a handler threw ${error.stack}`);
  simulation.count('failed pass');
  release(simulation, handler);
  if (faults === NO_FAULTS && state.dead.length > 0)
    throw new BrokenPromise(6, `a wake-up is buried although nothing fails: ${error.message}`);
}
