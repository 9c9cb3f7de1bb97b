import type { ArchweaveError } from '../errors.ts';
import { printable } from '../image/printable.ts';

const MOST_BYTES = 600;

/**
 * An error as people read it: at most five lines and 600 bytes, a fact a line, what to do last.
 *
 * Where it would be too long, first what was tried goes, then the ends of long facts; the code and `next` stay.
 * Control characters, which registries and tags may hold, are shown escaped.
 */
export function renderError(error: ArchweaveError): string {
  const attempts = [
    () => lines(error),
    () => lines(error.with({ tried: '' })),
    () => lines(error.with({ tried: '' }), 120),
    () => lines(error.with({ tried: '', where: '' }), 120),
  ];
  let text = '';
  for (const attempt of attempts) {
    text = attempt();
    if (Buffer.byteLength(text) <= MOST_BYTES) break;
  }
  return text;
}

/** The same facts for `--json`: `error` in the document. What is not known is null. */
export function errorDocument(error: ArchweaveError): Readonly<Record<string, unknown>> {
  const { code, message, reference, side, status, retryable, next } = error;
  return {
    code,
    message: printable(message),
    reference: reference ?? null,
    side: side ?? null,
    status: status ?? null,
    retryable,
    next: next ?? null,
  };
}

/** The stack and its causes, for --verbose and bug reports. */
export function renderTrace(error: unknown): string {
  const parts: string[] = [];
  for (let one: unknown = error, depth = 0; one !== undefined && depth < 5; depth++) {
    parts.push(one instanceof Error ? (one.stack ?? one.message) : String(one));
    one = one instanceof Error ? one.cause : undefined;
  }
  return parts.join('\ncaused by ');
}

function lines(error: ArchweaveError, longest = Number.POSITIVE_INFINITY): string {
  const cut = (text: string): string => shorten(printable(text), longest);
  const side = error.side === undefined ? '' : `   (${error.side}${doing(error.where)})`;
  const parts = [`error: ${cut(error.message)}${error.code === 'bad-argument' ? '' : `  [${error.code}]`}`];
  if (error.where) parts.push(`  where   ${cut(error.where)}${side}`);
  if (error.tried) parts.push(`  tried   ${cut(error.tried)}`);
  if (error.next) parts.push(`  next    ${printable(error.next)}`);
  return `${parts.join('\n')}\n`;
}

function doing(where: string | undefined): string {
  const method = /^([A-Z]+) /.exec(where ?? '')?.[1];
  if (method === undefined) return '';
  return method === 'GET' || method === 'HEAD' ? ', reading' : ', writing';
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`;
}
