/**
 * What can go wrong, as one table: `docs/errors.md` has a heading for each code and a test compares both.
 *
 * An outcome such as "waiting" is not here: it is a result (lib/assembly/reasons.ts). An error is what could
 * not be decided or done.
 */
export const ERROR_CODES = {
  'not-found': 'there is no such tag',
  'no-repository': 'there is no such repository',
  unauthorized: 'the registry does not let you in',
  forbidden: 'you may not do this here',
  unreachable: 'nothing answers',
  timeout: 'no answer in time',
  'not-https': 'it speaks plain http and is not loopback',
  'bad-certificate': 'its certificate is not trusted',
  'not-a-registry': 'it answers, but not as a registry',
  archived: 'it is archived, and cannot be read before it is restored',
  throttled: 'asked to slow down, and gave up',
  'quota-exceeded': 'a quota of the registry is used up',
  'registry-failed': 'the registry failed',
  'digest-mismatch': 'the bytes are not what their digest says',
  'too-large': 'it is larger than archweave reads',
  malformed: 'it is not what it should be',
  'tag-moved': 'the tag moved while it was read',
  'stale-plan': 'it moved since the plan',
  'immutable-tag': 'the tag is immutable and holds something else',
  locked: 'it is locked against changes',
  quarantined: 'it is in quarantine',
  'soft-deleted': 'the same content was deleted, and is kept by soft delete',
  'child-gone': 'the registry does not have what it refers to',
  unsupported: 'the registry refuses this media type',
  'disk-full': 'the disk is full',
  'port-in-use': 'another program is there',
  'open-to-all': 'everybody could push',
  'storage-in-use': 'another archweave has it',
  'no-deployment': 'there is no such deployment',
  'no-config': 'there is no archweave.yaml',
  'bad-config': 'archweave.yaml has mistakes',
  'bad-reference': 'this is no image reference',
  'bad-argument': 'this argument is wrong',
  'bad-event': 'this event is not what its dialect says',
  'old-node': 'this Node is too old',
  interrupted: 'it was stopped',
  internal: 'this is a bug in archweave',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Which end of the work an error happened at. */
export type Side = 'member' | 'target' | 'source' | 'child' | 'repository';

export interface ErrorFacts {
  readonly code: ErrorCode;
  /**
   * What was attempted, as it follows "cannot": `read 127.0.0.1:5000/app:1.2-arm64`. Never holds a secret.
   * Empty where the reason is a sentence by itself: `archweave needs Node 24, this is 20.20.2`.
   */
  readonly attempt: string;
  /** Why it did not work; the table's words when left out. */
  readonly reason?: string;
  /** The request and its answer, without headers and query: `GET http://…/v2/app/manifests/1.2 -> 401`. */
  readonly where?: string;
  readonly side?: Side;
  readonly reference?: string;
  readonly status?: number;
  /** Whether the same call may work later without anybody changing anything. */
  readonly retryable?: boolean;
  /** Seconds the other side asked to wait. */
  readonly retryAfter?: number;
  /** Sources of credentials that were looked in, in order. */
  readonly tried?: string;
  /** A command that can be pasted, or one sentence. */
  readonly next?: string;
  readonly cause?: unknown;
}

export class ArchweaveError extends Error implements ErrorFacts {
  override readonly name = 'ArchweaveError';
  readonly code: ErrorCode;
  readonly attempt: string;
  readonly reason: string;
  declare readonly where?: string;
  declare readonly side?: Side;
  declare readonly reference?: string;
  declare readonly status?: number;
  readonly retryable: boolean;
  declare readonly retryAfter?: number;
  declare readonly tried?: string;
  declare readonly next?: string;

  constructor(facts: ErrorFacts) {
    const reason = facts.reason ?? ERROR_CODES[facts.code];
    const message = facts.attempt === '' ? reason : `cannot ${facts.attempt}: ${reason}`;
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    const { cause: _, ...rest } = facts;
    Object.assign(this, rest);
    this.code = facts.code;
    this.attempt = facts.attempt;
    this.reason = reason;
    this.retryable = facts.retryable ?? false;
  }

  /** The same failure, told with more of what the caller knows (its side, what to do next). */
  with(more: Partial<ErrorFacts>): ArchweaveError {
    return new ArchweaveError({ ...this, cause: this.cause, ...more });
  }
}

export function isArchweaveError(value: unknown): value is ArchweaveError {
  return value instanceof ArchweaveError;
}
