import { ArchweaveError, isArchweaveError } from '../../errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** What went wrong below the registry, told as `disk-full` where that is it and `registry-failed` otherwise. */
export function diskError(cause: unknown, attempt: string): ArchweaveError {
  if (isArchweaveError(cause)) return cause;
  const { code, errcode, message } = cause as { code?: string; errcode?: number; message?: string };
  if (FULL.has(code ?? '') || (errcode ?? 0) % 256 === SQLITE_FULL) {
    return new ArchweaveError({ code: 'disk-full', attempt, cause });
  }
  return new ArchweaveError({ code: 'registry-failed', attempt, reason: message ?? String(cause), cause });
}
