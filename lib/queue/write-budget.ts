/** The share of an account's PutImage rate that is ours where nothing else is said. */
export const WRITES_PER_SECOND = 3;

/** How long a pass takes, in seconds, and how many of them write: with two architectures one of three. */
const PASS_SECONDS = 0.4;
const PASSES_THAT_WRITE = 1 / 3;
/** Groups that one run of `assemble` works on side by side at most; a batch has ten messages. */
const GROUPS_IN_A_RUN = 5;
/** What Lambda takes for a queue. */
const FEWEST_RUNS = 2;
const MOST_RUNS = 50;

export interface WriteBudget {
  readonly writesPerSecond: number;
  /** Runs of `assemble` at once: the queue's `maxConcurrency`. */
  readonly runs: number;
  /** Groups that each run works on side by side. */
  readonly groups: number;
  /** Milliseconds between two writes of one run. */
  readonly every: number;
}

/**
 * How `assemble` keeps to so many writes a second, which is a positive number. PutImage is 10 a second for an account
 * and Region, and everybody's CI needs it too.
 *
 * Runs and groups are as many as come near the budget while the queue is long; `every` is what keeps to it, because
 * passes are quicker and write more often at some times than at others. Whoever deploys sets `runs` for the queue and
 * hands the number to `assemble` as WRITES_PER_SECOND, so that both rest on the same one.
 */
export function writeBudget(writesPerSecond: number): WriteBudget {
  const passes = (writesPerSecond * PASS_SECONDS) / PASSES_THAT_WRITE;
  const runs = Math.min(MOST_RUNS, Math.max(FEWEST_RUNS, Math.ceil(passes / GROUPS_IN_A_RUN)));
  const groups = Math.min(GROUPS_IN_A_RUN, Math.max(1, Math.ceil(passes / runs)));
  return { writesPerSecond, runs, groups, every: (1000 * runs) / writesPerSecond };
}
