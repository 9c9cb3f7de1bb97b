import type { ArchweaveError, ErrorCode } from '../errors.ts';

/** The same for every command; docs/cli.md lists them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  mistake: 2,
  waiting: 3,
  held: 4,
  pending: 5,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What each code means, as help and documents say it. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'ok: done, or nothing to do',
  1: 'failed: something was attempted and did not work',
  2: 'mistake: in the arguments or the configuration; nothing was written',
  3: 'waiting: the index lacks a required platform',
  4: 'held: publishing would break a promise',
  5: 'pending: everything is there and the tag does not show it yet',
  130: 'interrupted: Ctrl-C',
  143: 'terminated: SIGTERM',
};

const MISTAKES: ReadonlySet<ErrorCode> = new Set([
  'bad-reference',
  'bad-argument',
  'bad-event',
  'bad-config',
  'no-config',
  'open-to-all',
]);

/** What a registry keeps a tag for, which nobody but its people can change. */
const HELD: ReadonlySet<ErrorCode> = new Set(['immutable-tag', 'locked', 'quarantined', 'soft-deleted']);

export function exitCodeOf(error: ArchweaveError): ExitCode {
  if (MISTAKES.has(error.code)) return EXIT.mistake;
  if (error.code === 'interrupted') return EXIT.interrupted;
  if (HELD.has(error.code)) return EXIT.held;
  return EXIT.failed;
}
