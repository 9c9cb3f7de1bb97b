import { isArchweaveError } from '../errors.ts';
import { shortDigest } from '../image/digest.ts';
import type { ImportEvent } from '../import/import-event.ts';
import type { ServeEvent } from './serve-event.ts';

const LONGEST = 200;

/** `10:01:31Z  published  app:1.0        linux/amd64 linux/arm64  sha256:4311fa9a6562  in 21 ms` */
export function logLine(event: ServeEvent): string {
  const time = new Date(event.at).toISOString().slice(11, 19);
  const [word, subject, ...facts] = parts(event);
  const columns = [`${time}Z`, word.padEnd(9), subject.padEnd(13), ...facts.filter(fact => fact !== '')];
  return columns.map(plain).join('  ').trimEnd();
}

/** The same as one JSON object, for `--log json`. An error is told by its code and message. */
export function logDocument(event: ServeEvent): Readonly<Record<string, unknown>> {
  const { at, kind, ...facts } = event;
  const time = new Date(at).toISOString();
  if ('document' in facts) {
    const { type, detail } = facts.document;
    return { time, event: kind, type, detail };
  }
  return 'error' in facts
    ? { time, event: kind, ...facts, error: errorFacts(facts.error) }
    : { time, event: kind, ...facts };
}

/** A word, what it is about, and what there is to say. */
function parts(event: ServeEvent): readonly [string, string, ...string[]] {
  switch (event.kind) {
    case 'push':
    case 'delete':
      return [event.kind, nameOf(event.target), event.platforms.join(' '), short(event.digest)];
    case 'published':
      return [
        event.kind,
        nameOf(event.target),
        event.platforms.join(' '),
        short(event.digest),
        `in ${took(event.took)}${event.found ? ', found by looking, no event came' : ''}`,
        event.resolves === undefined ? '' : `was ${event.resolves}`,
      ];
    case 'planned':
      return [event.kind, nameOf(event.target), event.platforms.join(' '), 'not written: the mode is report'];
    case 'waiting':
    case 'held':
    case 'overdue':
      return [event.kind, nameOf(event.target), event.reasons.join('; ')];
    case 'failing':
      return [event.kind, event.repository, sentence(event.error), 'trying again'];
    case 'given-up':
      return ['given up', event.repository, sentence(event.error), 'the next sweep looks again'];
    case 'unreadable':
      return ['unread', event.repository ?? event.registry, sentence(event.error)];
    case 'readable-again':
      return ['read', event.repository ?? event.registry, 'can be read again'];
    case 'imported':
      return [event.kind, ...importSentence(event.document)];
    case 'import-failed':
      return ['no import', ...importSentence(event.document)];
    case 'first-event':
      return ['event', event.hook, `the first event of ${event.registry} came`];
  }
}

/** The image, and what its event says of it. */
function importSentence({ detail }: ImportEvent): readonly [string, string] {
  const name = nameOf(detail.source as { readonly repository: string; readonly tag: string });
  return [name, String(detail.message).replace(`${name} `, '')];
}

function nameOf({ repository, tag }: { readonly repository: string; readonly tag: string }): string {
  return `${repository}:${tag}`;
}

function short(digest: string | undefined): string {
  return digest === undefined ? '' : shortDigest(digest);
}

function took(milliseconds: number): string {
  if (milliseconds < 10_000) return `${Math.max(1, Math.round(milliseconds))} ms`;
  return `${Math.round(milliseconds / 1000)} s`;
}

function sentence(error: unknown): string {
  const { code, message } = errorFacts(error);
  return `${message}  [${code}]`;
}

/** Words of errors that nobody made for people (a bug) may hold anything, so they stay out of the log. */
function errorFacts(error: unknown): { readonly code: string; readonly message: string } {
  if (isArchweaveError(error)) return { code: error.code, message: error.message };
  return { code: 'internal', message: error instanceof Error ? error.name : 'something was thrown' };
}

/** Text of others (a build's name, a registry's words) can neither move the cursor nor reorder the line. */
function plain(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return cut.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    character => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}
