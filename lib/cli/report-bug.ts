import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchweaveError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { renderTrace } from './print-error.ts';

/**
 * The error for what nobody foresaw. Its trace goes into a file that can be sent to us: no arguments, no
 * environment, and addresses without user and query, so that no secret is in it.
 */
export function reportBug(thrown: unknown, command: string | undefined): ArchweaveError {
  const path = join(tmpdir(), `archweave-bug-${process.pid}.txt`);
  const told = `archweave ${VERSION} ${command ?? ''}, Node ${process.version}, ${process.platform} ${process.arch}`;
  const facts = {
    code: 'internal',
    attempt: '',
    next: 'please report it, with that file',
    cause: thrown,
  } as const;
  try {
    writeFileSync(path, `${told}\n\n${withoutSecrets(renderTrace(thrown))}\n`, { mode: 0o600, flag: 'wx' });
    return new ArchweaveError({ ...facts, where: `${path} holds what happened` });
  } catch {
    return new ArchweaveError({ ...facts, next: 'please report it, with what --verbose prints' });
  }
}

function withoutSecrets(text: string): string {
  return text
    .replace(/(https?:\/\/)[^/\s@]*@/g, '$1')
    .replace(/(https?:\/\/[^\s?]*)\?\S*/g, '$1')
    .replace(/\b(Bearer|Basic)\s+\S+/gi, '$1 ...');
}
