import type { TargetRef } from './interface.ts';

/** What was copied to a target last. */
export interface Copied {
  /** The source's digest, and what was asked for of it. */
  readonly what: string;
  /** How many copies there were. */
  readonly times: number;
}

/**
 * What imports copied. What a person takes away or replaces at a target is not fought: only a source that holds
 * something else is copied again. Losing it costs that knowledge, and a look at each target.
 */
export interface CopiedStore {
  copied(target: TargetRef): Promise<Copied | undefined>;
  setCopied(target: TargetRef, copied: Copied): Promise<void>;
}
