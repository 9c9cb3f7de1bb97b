import { ArchweaveError } from '../errors.ts';
import type { CallOptions } from './interfaces.ts';

/** Throws `interrupted` where the caller does not want it any more. */
export function endIfAborted(options: CallOptions | undefined, attempt: string): void {
  if (options?.signal?.aborted) {
    throw new ArchweaveError({ code: 'interrupted', attempt, cause: options.signal.reason });
  }
}
