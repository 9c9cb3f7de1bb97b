import { ArchweaveError, type ErrorFacts } from '../../errors.ts';
import { isLoopback } from '../../image/reference.ts';
import { describeRequest } from './describe.ts';
import { TimeUp } from './patience.ts';

/** What was being asked when no usable answer came. */
export interface Asked {
  readonly attempt: string;
  readonly reference?: string;
  readonly method: string;
  readonly url: URL;
}

const REFUSALS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'no way to this host',
  ENETUNREACH: 'no way to this network',
};

const SLOW: ReadonlySet<string> = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

const BROKEN: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

const PLAIN_HTTP: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
]);

const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|ERR_SSL_CERT|HOSTNAME_MISMATCH|CRL_|INVALID_CA|ERROR_IN_CERT)/;

/** Whether a connection ended in the middle of a request or its answer, which the next try may be spared. */
export function isBrokenConnection(failure: unknown): boolean {
  return BROKEN.has(codeOf(failure));
}

/** Whether a failure of plain http is one that a server gives which waits for TLS. */
export function mayBeTls(failure: unknown): boolean {
  return isBrokenConnection(failure) || isNoHttp(failure);
}

/** What a failure of fetch means, or the end of the caller's signal or of the deadline. */
export function networkError(failure: unknown, asked: Asked, signal?: AbortSignal): ArchweaveError {
  const host = asked.url.host;
  const fail = (facts: Omit<ErrorFacts, 'attempt'>, outcome: string) =>
    new ArchweaveError({
      ...facts,
      attempt: asked.attempt,
      ...(asked.reference !== undefined && { reference: asked.reference }),
      where: `${describeRequest(asked.method, asked.url)} -> ${outcome}`,
      cause: failure,
    });
  const why = signal?.aborted ? signal.reason : failure;
  const code = codeOf(failure);
  if (why instanceof TimeUp || nameOf(why) === 'TimeoutError' || SLOW.has(code)) {
    const reason = why instanceof TimeUp ? why.message : 'no answer in time';
    return fail({ code: 'timeout', reason, retryable: true, next: 'run it again' }, 'no answer');
  }
  if (signal?.aborted) return fail({ code: 'interrupted' }, 'stopped');
  if (PLAIN_HTTP.has(code) && !isLoopback(host)) {
    const next = '--plain-http, or plainHttp: true in archweave.yaml';
    const reason = `${host} speaks plain http and is not loopback`;
    return fail({ code: 'not-https', reason, next }, 'no TLS');
  }
  if (CERTIFICATE.test(code)) {
    const reason = `its certificate is not trusted (${certificateReason(code)})`;
    return fail({ code: 'bad-certificate', reason, next: '--ca FILE' }, 'certificate refused');
  }
  if (isNoHttp(failure) || PLAIN_HTTP.has(code)) {
    const reason = `${host} answers, but not as a registry (${PLAIN_HTTP.has(code) ? 'no TLS' : 'no http'})`;
    return fail({ code: 'not-a-registry', reason, next: 'is the port right?' }, 'not understood');
  }
  const outcome = outcomeOf(failure, code);
  const reason = BROKEN.has(code)
    ? `${host} broke the connection off`
    : `nothing answers on ${host} (${outcome})`;
  const next = `is it running? curl -i ${asked.url.origin}/v2/`;
  return fail({ code: 'unreachable', reason, retryable: true, next }, outcome);
}

function outcomeOf(failure: unknown, code: string): string {
  if (BROKEN.has(code)) return 'connection broken off';
  if (/bad port/.test(messageOf(failure))) return 'this port is not opened by fetch';
  return REFUSALS[code] ?? (code ? code.toLowerCase().replaceAll('_', ' ') : 'no connection');
}

function certificateReason(code: string): string {
  return code
    .replace(/^ERR_(TLS|SSL)_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

/** The first code on the way from fetch's `TypeError` to what the system said. */
function codeOf(failure: unknown): string {
  for (let at = failure; typeof at === 'object' && at !== null; at = (at as { cause?: unknown }).cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && code !== '') return code;
  }
  return '';
}

function isNoHttp(failure: unknown): boolean {
  return nameOf((failure as { cause?: unknown } | undefined)?.cause) === 'HTTPParserError';
}

function nameOf(value: unknown): string {
  return String((value as { name?: unknown } | undefined)?.name ?? '');
}

function messageOf(failure: unknown): string {
  const cause = (failure as { cause?: { message?: unknown } } | undefined)?.cause;
  return String(cause?.message ?? '');
}
