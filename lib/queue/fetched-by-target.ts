import { isArchweaveError } from '../errors.ts';
import type { CopyOutcome } from '../import/copy-outcome.ts';
import type { StreamReason } from '../import/server-side-way.ts';
import { readStepFailure } from './step-error.ts';

/** What an execution hands on of an image that the target's registry was to fetch by itself. */
export interface FetchState {
  /** Bytes that it fetched. */
  readonly fetched?: number;
  /** Why it did not, where it could have. */
  readonly streamed?: StreamReason;
  /** How the step failed that waited for it. */
  readonly caught?: { readonly Error?: string; readonly Cause?: string };
}

type Fetched = Pick<Extract<CopyOutcome, { readonly kind: 'copied' }>, 'fetched' | 'streamed'>;

/** The same as an outcome has it. */
export function fetchedByTarget({ fetched, streamed, caught }: FetchState): Fetched {
  if (caught !== undefined) return { streamed: { code: 'refused', error: factsOf(caught) } };
  return { ...(fetched !== undefined && { fetched }), ...(streamed && { streamed }) };
}

/** Without what JSON does not carry: traces and causes. */
export function plainReason(why: StreamReason): StreamReason {
  if (why.code !== 'refused') return why;
  const { code, reason, next } = why.error;
  return { code: 'refused', error: { code, reason, ...(next !== undefined && { next }) } };
}

function factsOf(caught: NonNullable<FetchState['caught']>) {
  const error = readStepFailure(caught);
  if (isArchweaveError(error)) return error;
  return { code: 'internal' as const, reason: 'the step that waited for it did not end' };
}
