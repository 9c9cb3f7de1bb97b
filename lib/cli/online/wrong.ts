import type { ArchweaveError } from '../../errors.ts';
import type { OnlineResult } from './online-check.ts';

/** A check that failed, with the words of its error. */
export function wrong(check: string, error: ArchweaveError): OnlineResult {
  const tried = error.tried ? ` (tried: ${error.tried})` : '';
  const message = `${error.message}${tried}  [${error.code}]`;
  return { check, verdict: 'WRONG', message, ...(error.next !== undefined && { next: error.next }) };
}
