import { createHash } from 'node:crypto';
import { FAILED_STATUSES } from '../messages/execution-outcome.ts';

/** What Step Functions knows of an execution. */
export interface Execution {
  readonly status: string;
  /** What it began with. */
  readonly input: string;
  /** Both of one that failed. The cause may quote anything, addresses with tokens in them too. */
  readonly error?: string;
  readonly cause?: string;
}

/** Runs of a state machine, each under a name that is taken once. */
export interface Executions {
  /** `taken` where there is or was one of this name. */
  start(name: string, input: string): Promise<'started' | 'taken'>;
  /** May be as old as some seconds. */
  describe(name: string): Promise<Execution>;
}

/** Whether it ended without having done what it was for. */
export function hasFailed({ status }: Pick<Execution, 'status'>): boolean {
  return (FAILED_STATUSES as readonly string[]).includes(status);
}

export interface Wanted {
  readonly target: string;
  /** The source's digest, and what is asked for of it. */
  readonly what: string;
  /** How many copies the target had before: a tag that goes back to an earlier image is copied again. */
  readonly times: number;
}

/** Leaves room for the attempt within the 80 characters that a name has. */
const NAME_LENGTH = 64;

/** The same for the same work, so that whatever asks for it twice starts it once. */
export function executionName({ target, what, times }: Wanted, attempt: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([target, what, times]))
    .digest('hex');
  return attempt === 1 ? hash.slice(0, NAME_LENGTH) : `${hash.slice(0, NAME_LENGTH)}-${attempt}`;
}
