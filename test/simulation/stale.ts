import { holds } from './oracle.ts';
import type { Scenario } from './scenario.ts';
import type { Simulation } from './simulation.ts';
import type { State } from './state.ts';
import type { Watch } from './watch.ts';

/** Tags as a replica shows them that lags behind; undefined where this read is answered with what is true. */
export function staleTags({
  snapshots,
  setting: { random },
  counts,
  faults,
  count,
}: Simulation): State['tags'] | undefined {
  if (snapshots.length === 0 || (counts.get('stale') ?? 0) >= faults.stale) return undefined;
  if (!random.chance(0.05)) return undefined;
  count('stale');
  return random.pick(snapshots);
}

/**
 * Notes whether an answer hides that a person took an index of ours away: it shows one where now there is none. Only
 * the last look at a tag counts, so who looks again and sees what is true has no excuse.
 */
export function noteHidden(
  state: State,
  scenario: Scenario,
  { unaware }: Watch,
  references: readonly string[],
  tags: State['tags'],
): void {
  for (const tag of references) {
    const removal = state.removed.get(tag);
    const hidden =
      removal !== undefined &&
      holds(state, scenario, tag).kind !== 'own' &&
      holds({ ...state, tags }, scenario, tag).kind === 'own';
    if (hidden) unaware.set(tag, removal);
    else unaware.delete(tag);
  }
}
