import type { WakeUp } from '../../lib/assembly/wake-up.ts';
import type { Push } from '../../lib/events/push.ts';
import type { Core } from './core.ts';
import type { Scenario } from './scenario.ts';
import type { Message, State } from './state.ts';

/** How often a message is received before it is put with the dead letters. */
export const RECEIVES = 12;

/** An event arrives: it is read, and the wake-ups that it causes are put into the queue. */
export function receive(core: Core, state: State, { rule }: Scenario, push: Push): void {
  for (const wakeUp of core.wakeUpsOf(push, [rule])) enqueue(core, state, rule, wakeUp);
}

export function enqueue(core: Core, state: State, rule: Scenario['rule'], wakeUp: WakeUp): void {
  const key = core.keyOfWakeUp(wakeUp, [rule]);
  if (key === undefined) throw new Error(`no key for ${JSON.stringify(wakeUp)}`);
  state.queue.push({ id: state.nextId++, key, wakeUp, attempts: 0 });
}

/** The first message of each key that nobody works on, with those of its key that follow it. */
export function ready(state: State, busy: ReadonlySet<string>): readonly (readonly Message[])[] {
  const byKey = new Map<string, Message[]>();
  for (const message of state.queue) {
    if (busy.has(message.key)) continue;
    byKey.set(message.key, [...(byKey.get(message.key) ?? []), message]);
  }
  return [...byKey.values()];
}

export function take(state: State, messages: readonly Message[]): void {
  state.queue = state.queue.filter(message => !messages.includes(message));
}

/** Messages that were not acknowledged come back to the front, in their order, or go to the dead letters. */
export function giveBack(state: State, messages: readonly Message[], receives = RECEIVES): void {
  const again = messages.map(message => ({ ...message, attempts: message.attempts + 1 }));
  state.queue = [...again.filter(({ attempts }) => attempts < receives), ...state.queue];
  state.dead.push(...again.filter(({ attempts }) => attempts >= receives));
}
