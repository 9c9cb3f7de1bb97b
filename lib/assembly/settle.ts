import type { Descriptor } from '../image/descriptor.ts';
import { formatPlatform } from '../image/platform.ts';
import type { Rule } from '../rules/rule.ts';
import type { Decision } from './decide.ts';
import type { Chosen } from './resolve.ts';

/**
 * Whether a tag without build labels is in the middle of an update: some required members have moved, some are
 * still what the index holds. Then it waits until all have moved, or until the last push is `settle` old.
 *
 * Only times of the registry count; where it tells none, `since` is when the waiting was first noticed.
 */
export function settling(update: {
  readonly rule: Pick<Rule, 'settle' | 'partial'>;
  readonly chosen: readonly Chosen[];
  readonly labelled: boolean;
  readonly children: readonly Descriptor[];
  readonly now: number;
  readonly since: number | undefined;
}): Decision | undefined {
  const { rule, chosen, now } = update;
  if (update.labelled || rule.settle === 0) return undefined;
  const held = new Set(update.children.map(({ digest }) => digest));
  const required = chosen.filter(choice => choice.required);
  const moved = required.filter(({ image }) => !held.has(image.descriptor.digest));
  const still = required.filter(({ image }) => held.has(image.descriptor.digest));
  if (moved.length === 0 || still.length === 0) return undefined;

  const platforms = still.map(({ image }) => formatPlatform(image.descriptor.platform));
  const pushes = moved.flatMap(({ pushedAt }) => (pushedAt === undefined ? [] : [Date.parse(pushedAt)]));
  const last = pushes.length === moved.length ? Math.max(...pushes) : (update.since ?? now);
  const ends = last + rule.settle;
  if (now < ends)
    return { kind: 'waiting', reasons: [{ code: 'partial', platforms, settlesIn: ends - now }], dueAt: ends };
  if (rule.partial === 'publish') return undefined;
  return { kind: 'waiting', reasons: [{ code: 'partial', platforms }] };
}
