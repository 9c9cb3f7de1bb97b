import type { TargetRef } from './interface.ts';

/**
 * What was last looked at, for sweeps to see what changed since. It saves work and decides nothing: whatever is lost
 * here is looked at once more.
 */
export interface MarkStore {
  /** Stores that a target was looked at while its tags held what `mark` stands for. */
  mark(target: TargetRef, mark: string): Promise<void>;
  /** The marks of a repository by target tag. */
  marks(registry: string, repository: string): Promise<ReadonlyMap<string, string>>;
  /** The rules under which a sweep of a registry has been begun before, for all repositories that it had then. */
  sweptRules(registry: string): Promise<ReadonlySet<string>>;
  setSwept(registry: string, rules: readonly string[]): Promise<void>;
}

/** Targets by the time of what is remembered of them. */
export interface PublishedList {
  /** Those that were published, or seen published, from `from` (inclusive) to `to`; milliseconds since 1970. */
  publishedBetween(from: number, to: number): Promise<readonly TargetRef[]>;
}
