import type { SeenRequest } from './counting-proxy.ts';

export interface Phase {
  readonly requests: number;
  /** The longest chain of requests of which each began after the one before it was answered. */
  readonly roundTrips: number;
}

export interface Phases {
  /** Up to the acknowledgement of the last manifest that was put, without other spellings. */
  readonly write: Phase;
  /** Reads of tags that are not there, other than the target's: other spellings of a platform. */
  readonly spellings: number;
  /** After it: looking again. */
  readonly after: Phase;
  /** Requests that change something. */
  readonly writes: number;
}

const isPut = (seen: SeenRequest): boolean => seen.method === 'PUT' && seen.path.includes('/manifests/');

/** Where nothing was put, everything belongs to `write`. `target` is the tag that the index is for. */
export function phasesOf(seen: readonly SeenRequest[], target: string): Phases {
  const put = seen.filter(isPut).at(-1);
  const before = put === undefined ? seen : seen.filter(one => one.began <= put.began);
  const isSpelling = (one: SeenRequest): boolean =>
    one.status === 404 && one.path.includes('/manifests/') && !one.path.endsWith(`/manifests/${target}`);
  const counted = before.filter(one => !isSpelling(one));
  return {
    write: { requests: counted.length, roundTrips: roundTrips(counted) },
    spellings: before.length - counted.length,
    after: phase(seen.filter(one => !before.includes(one))),
    writes: seen.filter(one => !['GET', 'HEAD'].includes(one.method)).length,
  };
}

function phase(seen: readonly SeenRequest[]): Phase {
  return { requests: seen.length, roundTrips: roundTrips(seen) };
}

/** Greedy by the earliest answer, which gives the longest chain of intervals that do not overlap. */
function roundTrips(seen: readonly SeenRequest[]): number {
  let chain = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const one of seen.toSorted((a, b) => a.ended - b.ended)) {
    if (one.began < end) continue;
    chain += 1;
    end = one.ended;
  }
  return chain;
}
