import type { Handler } from './handler.ts';
import { nameOf } from './images.ts';
import { holds } from './oracle.ts';
import { orderOfIndex, recordedOrder, requiredOf } from './promises.ts';
import type { Scenario } from './scenario.ts';
import type { State } from './state.ts';

type Busy = Pick<Handler, 'flight' | 'failed' | 'watch'>;

/** Notes that a person is about to take away what a target holds, so that it is seen if it comes back. */
export function noteRemoval(
  state: State,
  scenario: Scenario,
  handlers: readonly Busy[],
  target: string,
): void {
  const t = holds(state, scenario, target);
  if (t.kind !== 'own') return;
  const order = orderOfIndex(scenario, target, t.digest);
  const strict = isCalm(state, scenario, handlers, target);
  state.removed.set(target, { order, required: requiredOf(t.digest), strict });
}

/**
 * Whether a removal now has to last: no write is under way, nobody is between a look and a write, and what is
 * removed is remembered. Within those seconds a removal may be undone once.
 */
function isCalm(state: State, scenario: Scenario, handlers: readonly Busy[], target: string): boolean {
  const t = holds(state, scenario, target);
  const record = state.published.get(target);
  const idle = handlers.every(({ flight, failed, watch: { phase } }) => {
    if (flight || failed) return false;
    return phase.kind === 'fresh' || (phase.kind === 'done' && phase.tag === target);
  });
  return (
    idle &&
    state.orphans.length === 0 &&
    t.kind === 'own' &&
    recordedOrder(state, scenario, target) === t.order &&
    record?.required.join() === requiredOf(t.digest)
  );
}

/** What a removal is told as. */
export function tellRemoval(state: State, target: string): string {
  const held = state.tags.get(target)?.digest;
  return `A PERSON REMOVES ${target}, which holds ${nameOf(held)}`;
}
