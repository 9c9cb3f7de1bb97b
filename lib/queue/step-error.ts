import { ArchweaveError, ERROR_CODES, type ErrorCode, isArchweaveError } from '../errors.ts';

/** A failure as Step Functions tells failures apart: by a name. Its message is JSON, so that the event can say it. */
export class StepError extends Error {
  constructor(error: unknown) {
    const facts = isArchweaveError(error) ? error : undefined;
    const { code = 'internal', attempt = '', reason, next } = facts ?? {};
    super(JSON.stringify({ code, attempt, reason, next }));
    this.name = facts === undefined ? 'Bug' : nameOf(facts);
    // A trace may quote anything, and would be kept with the execution.
    this.stack = this.name;
  }
}

function nameOf({ code, retryable }: ArchweaveError): string {
  if (code === 'throttled') return 'Throttled';
  // The time of a step was up; the next one goes on.
  return retryable || code === 'interrupted' ? 'Transient' : 'Refused';
}

/** The failure in what Step Functions hands on of one: `{ Error, Cause }`, the cause being Lambda's own JSON. */
export function readStepFailure(failure: { readonly Error?: unknown; readonly Cause?: unknown }): unknown {
  const { code, attempt, reason, next } = parse(parse(failure.Cause).errorMessage);
  if (typeof code === 'string' && code in ERROR_CODES && typeof attempt === 'string' && code !== 'internal')
    return new ArchweaveError({
      code: code as ErrorCode,
      attempt,
      ...(typeof reason === 'string' && { reason }),
      ...(typeof next === 'string' && { next }),
    });
  const name = String(failure.Error);
  const known = OF_AWS[name];
  return known === undefined ? new Error(name) : new ArchweaveError({ attempt: 'run a step', ...known });
}

const LATE = { code: 'timeout', reason: 'a step of it did not end in its time' } as const;

/** What AWS says of a step that could not say anything itself. */
const OF_AWS: Readonly<Record<string, { readonly code: ErrorCode; readonly reason: string }>> = {
  'States.Timeout': LATE,
  'Sandbox.Timedout': LATE,
  'Lambda.TooManyRequestsException': {
    code: 'throttled',
    reason: 'Lambda had no room for its steps: "copies", or what the account may run at once',
  },
};

function parse(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(String(text));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
