import type { Digest } from '../image/digest.ts';
import type { Verdict } from './examine.ts';
import { place } from './observe.ts';
import type { Reason } from './reasons.ts';
import type { World } from './world.ts';

const WINDOW = 10 * 60_000;
const REWRITES = 5;

/**
 * The brake on a fight: a target that was rewritten over and over within minutes, with digests that come back, has
 * another writer. Builds that come thick and fast do not look like that: each has a digest of its own.
 */
export async function contested(
  world: Pick<World, 'ledger' | 'clock'>,
  verdict: Verdict,
  next: Digest,
): Promise<Reason | undefined> {
  const { repository, target } = verdict;
  const history = await world.ledger.history({ ...place(verdict), tag: target.tag }, 2 * REWRITES);
  const from = world.clock.now() - WINDOW;
  const writes = history.filter(({ event, at }) => event === 'published' && Date.parse(at) >= from);
  if (writes.length <= REWRITES || !writes.some(({ digest }) => digest === next)) return undefined;
  return { code: 'contested', target: `${repository}:${target.tag}`, times: writes.length, within: WINDOW };
}
