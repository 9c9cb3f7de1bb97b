import { examineTarget, type Place, type Verdict } from '../assembly/examine.ts';
import { byRank } from '../assembly/reasons.ts';
import type { Sights } from '../assembly/world.ts';
import type { Rule } from '../rules/rule.ts';
import { personsLedger } from './persons-ledger.ts';

/** How far a person's word goes. */
export interface Asked {
  /** The target was named: what somebody else put there is taken over, and what is not there is waited for. */
  readonly named: boolean;
  /** What a person took away comes back. */
  readonly restore: boolean;
}

export interface Look {
  readonly verdict: Verdict;
  /** The memory of what was published has to go before the write. */
  readonly restores: boolean;
}

/**
 * What a person who asks for a target would get. The same decision as the service's, but for what the service leaves
 * to people: what is older than archweave or than the horizon is written, and `asked` may open more.
 */
export async function lookAtTarget(sights: Sights, place: Place, tag: string, asked: Asked): Promise<Look> {
  const verdict = awaited(await examineTarget(...askedOf(sights, place, asked, false), tag, 'cli'), asked);
  if (!asked.restore || !verdict.decision.reasons.some(({ code }) => code === 'withdrawn'))
    return { verdict, restores: false };
  const again = await examineTarget(...askedOf(sights, place, asked, true), tag, 'cli');
  return { verdict: again, restores: true };
}

/**
 * To the service a tag of which no member is there is nobody's. Who names it expects an index, as a CI job does that
 * starts before those that push.
 */
function awaited(verdict: Verdict, { named }: Asked): Verdict {
  const { decision, resolution } = verdict;
  const isNobodys = decision.kind === 'ignored' && decision.reasons[0]?.code === 'no-rule';
  if (!named || !isNobodys || resolution.kind !== 'waiting') return verdict;
  return { ...verdict, decision: { kind: 'waiting', reasons: byRank(resolution.reasons) } };
}

/** Sights and place as they are for that person, for `assemble` too. */
export function askedOf<T extends Sights>(
  sights: T,
  place: Place,
  { named }: Asked,
  restores: boolean,
): [T, Place] {
  const rule: Rule = { ...place.rule, adopt: place.rule.adopt || named || restores, mode: 'publish' };
  const rules = sights.rules.map(one => (one.name === rule.name ? rule : one));
  const ledger = personsLedger(sights.ledger, { forget: restores });
  return [
    { ...sights, rules, ledger },
    { ...place, rule },
  ];
}
