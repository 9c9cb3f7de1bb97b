/** How long a pass takes, in seconds, and how many of them write: with two architectures one of three. */
const PASS_SECONDS = 0.4;
const PASSES_THAT_WRITE = 1 / 3;
/** Groups that one run of `assemble` works on side by side at most; the ways of a batch's ten messages. */
const GROUPS_IN_A_RUN = 5;
/** What Lambda takes for a queue. */
const FEWEST_RUNS = 2;
const MOST_RUNS = 50;

export interface WriteBudget {
  /** Runs of `assemble` at once. */
  readonly runs: number;
  /** Groups that each run works on side by side. */
  readonly groups: number;
}

/**
 * How much of `assemble` may run at once, for about so many writes a second while the queue is long. PutImage is
 * 10 a second for an account and Region, and everybody's CI needs it too.
 */
export function writeBudget(writesPerSecond: number): WriteBudget {
  const passes = (writesPerSecond * PASS_SECONDS) / PASSES_THAT_WRITE;
  const runs = Math.min(MOST_RUNS, Math.max(FEWEST_RUNS, Math.ceil(passes / GROUPS_IN_A_RUN)));
  return { runs, groups: Math.min(GROUPS_IN_A_RUN, Math.max(1, Math.floor(passes / runs))) };
}
