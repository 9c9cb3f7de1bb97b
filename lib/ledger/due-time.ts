import type { Standing } from './interface.ts';

/** How many entries of a target's history a ledger keeps; older ones are dropped. */
export const HISTORY_KEPT = 50;

/**
 * When a standing falls due, in milliseconds since 1970: its `dueAt`, or its `overdueAt` as long as nobody was
 * told of it, whichever is earlier. Undefined where neither will ever come. Times are compared as moments, because
 * RFC 3339 writes the same one in many ways.
 */
export function dueTime(standing: Standing): number | undefined {
  const unreported = (standing.reported ?? 0) === 0 ? standing.overdueAt : undefined;
  const moments = [standing.dueAt, unreported]
    .filter(at => at !== undefined)
    .map(at => Date.parse(at))
    .filter(Number.isFinite);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
