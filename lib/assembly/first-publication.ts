import type { Digest } from '../image/digest.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Decision, Question } from './decide.ts';
import type { Chosen, Complete } from './resolve.ts';

/**
 * Whether the first index of a target waits, or is not made at all. Once a target was published none of this counts.
 */
export function firstPublication(
  question: Question,
  resolution: Complete,
  required: readonly Digest[],
): Decision | undefined {
  return tooOld(question, resolution, required) ?? withinGrace(question, resolution);
}

/** Sweeps make new targets of new members only: nobody wants years of old builds joined on the first day. */
function tooOld(
  { rule, now, source }: Question,
  { chosen }: Complete,
  required: readonly Digest[],
): Decision | undefined {
  if (source !== 'sweep' && source !== 'first-sweep') return undefined;
  if (source === 'first-sweep' && !rule.backfill)
    return { kind: 'ignored', reasons: [{ code: 'before-archweave' }], baseline: required };
  const age = now - (newestPush(chosen) ?? now);
  if (rule.backfill || age <= rule.horizon) return undefined;
  return { kind: 'ignored', reasons: [{ code: 'past-horizon', age, horizon: rule.horizon }] };
}

function withinGrace(
  { rule, target, now }: Question,
  { chosen, missingOptional }: Complete,
): Decision | undefined {
  if (!target.immutable || missingOptional.length === 0) return undefined;
  const ends = (newestPush(chosen) ?? Number.NEGATIVE_INFINITY) + rule.grace;
  if (now >= ends) return undefined;
  const platforms = missingOptional.map(formatPlatform);
  return { kind: 'waiting', reasons: [{ code: 'optional-grace', platforms, left: ends - now }], dueAt: ends };
}

/** The registry's time of the last push of a required member, where it tells one. */
function newestPush(chosen: readonly Chosen[]): number | undefined {
  const times = chosen.flatMap(({ required, pushedAt }) =>
    required && pushedAt ? [Date.parse(pushedAt)] : [],
  );
  return times.length === 0 ? undefined : Math.max(...times);
}
