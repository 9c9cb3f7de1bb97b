import { ArchweaveError, type ErrorCode } from '../errors.ts';

/** SQLite's primary result codes that mean something to a person. */
const MEANING: Readonly<Record<number, { code: ErrorCode; reason?: string; retryable: boolean }>> = {
  5: { code: 'storage-in-use', retryable: true }, // SQLITE_BUSY
  6: { code: 'storage-in-use', retryable: true }, // SQLITE_LOCKED
  8: { code: 'forbidden', reason: 'the file may not be written', retryable: false }, // SQLITE_READONLY
  11: { code: 'malformed', reason: 'the file is damaged', retryable: false }, // SQLITE_CORRUPT
  13: { code: 'disk-full', retryable: true }, // SQLITE_FULL
  14: { code: 'forbidden', reason: 'the file cannot be opened', retryable: false }, // SQLITE_CANTOPEN
  26: { code: 'malformed', reason: 'it is no SQLite file', retryable: false }, // SQLITE_NOTADB
};

/** What SQLite (or the file system under it) says, in archweave's words; any other error comes back as it is. */
export function sqliteError(error: unknown, attempt: string): unknown {
  const facts = error as { errcode?: number; code?: string; message?: string };
  const known = MEANING[(facts.errcode ?? 0) & 0xff];
  if (known !== undefined) return new ArchweaveError({ attempt, cause: error, ...known });
  if (facts.code === 'ENOSPC')
    return new ArchweaveError({ code: 'disk-full', attempt, cause: error, retryable: true });
  if (/^E[A-Z]+$/.test(facts.code ?? '')) {
    return new ArchweaveError({
      code: 'forbidden',
      attempt,
      reason: `the file cannot be opened (${facts.code})`,
      cause: error,
    });
  }
  if (facts.code !== 'ERR_SQLITE_ERROR') return error;
  return new ArchweaveError({
    code: 'internal',
    attempt,
    reason: facts.message ?? String(error),
    cause: error,
  });
}
