import { ArchweaveError, type ErrorCode, type ErrorFacts } from '../../errors.ts';
import { describeRequest, oneLine } from './describe.ts';
import type { Asked } from './network-error.ts';
import { parseRetryAfter } from './retry.ts';

/** An answer that is none of those hoped for, with what was read of its body. */
export interface Refused extends Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970, to count from where `Retry-After` is a date. */
  readonly now: number;
  /** As people write it: `docker.io` where the request went to registry-1.docker.io. */
  readonly host: string;
  /** What was looked in for credentials, told with `unauthorized` and `forbidden`. */
  readonly tried?: string;
  /** How to have another login, told with `unauthorized`; `docker login` where left out. */
  readonly next?: string;
  /** Cuts what must not be shown out of the registry's own words. */
  readonly scrub: (text: string) => string;
}

interface RegistryWord {
  readonly code: string;
  readonly message: string;
  readonly detail?: unknown;
}

/** Whether an answer is a page for people. No registry sends one, whatever its status. */
export function isHtml(headers: Headers, bytes?: Uint8Array): boolean {
  if (/^\s*(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '')) return true;
  return bytes !== undefined && /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(bytes.subarray(0, 64)));
}

/** What an answer that was not hoped for means: by its status and by the error codes of the distribution API. */
export function answerError(refused: Refused): ArchweaveError {
  const { attempt, reference, method, url, status, headers, host } = refused;
  const words = registryWords(refused.bytes);
  const asked = parseRetryAfter(headers.get('retry-after'), refused.now);
  const html = isHtml(headers, refused.bytes);
  return new ArchweaveError({
    attempt,
    ...(reference !== undefined && { reference }),
    where: `${describeRequest(method, url)} -> ${status}`,
    status,
    ...(asked !== undefined && { retryAfter: asked / 1000 }),
    ...(html && status < 500 && status !== 429 ? pageInstead(refused) : meaning(refused, words, host)),
  });
}

/** The error for an answer with a good status that is not what registries answer. */
export function pageInstead({
  status,
  headers,
  url,
  host,
}: Pick<Refused, 'status' | 'headers' | 'url' | 'host'>) {
  const type = oneLine((headers.get('content-type') ?? 'no content type').split(';')[0]!);
  const next = url.port === '5000' ? 'on macOS port 5000 is AirPlay; use another port' : 'is the host right?';
  const code: ErrorCode = 'not-a-registry';
  return { code, reason: `${host} answers, but not as a registry (${status} ${type})`, next };
}

function meaning(
  refused: Refused,
  words: readonly RegistryWord[],
  host: string,
): Omit<ErrorFacts, 'attempt'> {
  const { status } = refused;
  const says = (...codes: string[]) => words.find(word => codes.includes(word.code));
  const said = words.map(word => word.message).join('; ');
  const quote = refused.scrub(oneLine(words.map(wordsOf).join('; ')));
  const tried = refused.tried === undefined ? {} : { tried: refused.tried };
  if (status === 429 || says('TOOMANYREQUESTS'))
    return { code: 'throttled', retryable: true, next: 'again later, with less at once' };
  if (status >= 500) {
    const reason = `the registry failed (${status}${quote && `: ${quote}`})`;
    return {
      code: 'registry-failed',
      reason,
      retryable: [500, 502, 503, 504].includes(status),
      next: 'again later',
    };
  }
  if (status === 401) return { code: 'unauthorized', ...tried, next: refused.next ?? `docker login ${host}` };
  const gone = says('MANIFEST_BLOB_UNKNOWN');
  if (gone) {
    const digest = digestIn(gone.detail);
    return { code: 'child-gone', ...(digest && { reason: `the registry does not have ${digest}` }) };
  }
  if (/immutab|cannot be overwritten/i.test(said)) return { code: 'immutable-tag', next: 'use another tag' };
  if (status === 403 || says('DENIED'))
    return { code: 'forbidden', ...(quote && { reason: `you may not do this here (${quote})` }), ...tried };
  if (status === 404) {
    const next = `archweave list ${refused.reference?.replace(/(@.*|:[^/]*)$/, '') ?? host}`;
    return says('NAME_UNKNOWN') ? { code: 'no-repository' } : { code: 'not-found', next };
  }
  if (status === 413) return { code: 'too-large', reason: 'it is larger than the registry takes' };
  if (says('DIGEST_INVALID')) return { code: 'digest-mismatch', next: 'nothing was written' };
  if (
    status === 405 ||
    status === 415 ||
    says('UNSUPPORTED', 'MANIFEST_INVALID') ||
    /media ?type/i.test(said)
  )
    return { code: 'unsupported', reason: `this registry refuses it (${status}${quote && `: ${quote}`})` };
  return { code: 'registry-failed', reason: `the registry refuses it (${status}${quote && `: ${quote}`})` };
}

function wordsOf({ code, message }: RegistryWord): string {
  return message ? `${code}: ${message}` : code;
}

function registryWords(bytes: Uint8Array): readonly RegistryWord[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return [];
  }
  const errors = (value as { errors?: unknown } | null)?.errors;
  if (!Array.isArray(errors)) return [];
  return errors
    .filter(entry => typeof entry === 'object' && entry !== null)
    .slice(0, 10)
    .map(({ code, message, detail }) => ({ code: text(code), message: text(message), detail }));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Distribution names the missing digest as `{digest}`, or as a text that holds it. */
function digestIn(detail: unknown): string | undefined {
  const where = typeof detail === 'string' ? detail : JSON.stringify(detail ?? '');
  return /sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})/.exec(where)?.[0];
}
