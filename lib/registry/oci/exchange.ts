import { ArchweaveError } from '../../errors.ts';
import { isLoopback } from '../../image/reference.ts';
import { VERSION } from '../../version.ts';
import { describeRequest } from './describe.ts';
import { networkError } from './network-error.ts';
import type { Patience } from './patience.ts';

const MOST_REDIRECTS = 5;

/** One request as it was answered; `status` 0 says that no answer came. The address has no query. */
export interface RequestLine {
  readonly method: string;
  readonly status: number;
  readonly ms: number;
  readonly url: string;
}

/** What all requests of one registry go through. */
export interface Wire {
  readonly fetch: typeof fetch;
  /** Milliseconds for a request and its answer, body included. */
  readonly timeout: number;
  readonly onRequest?: (line: RequestLine) => void;
}

export interface Outgoing {
  readonly attempt: string;
  readonly reference?: string;
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Whether each part of the answer's body is done with before the next is asked for. */
  readonly lend?: boolean;
  /** Sent to `url`'s origin and to no other. */
  readonly authorization?: string;
}

/** An answer whose body is still to be read, and where it came from after redirects. */
export interface Incoming {
  readonly response: Response;
  readonly url: URL;
}

/**
 * Sends one request and follows its redirects: at most five, never from https to plain http, never from another
 * machine to this one, and without the authorization once the origin changes. A body is sent again only where the
 * redirect says that it must be (307, 308) and it can be.
 */
export async function exchange(outgoing: Outgoing, wire: Wire, patience: Patience): Promise<Incoming> {
  let { url, authorization } = outgoing;
  for (let redirects = 0; ; redirects++) {
    const response = await sendOnce({ ...outgoing, url }, authorization, wire, patience);
    const location = response.headers.get('location');
    if (!isRedirect(response.status, outgoing) || location === null) return { response, url };
    await response.body?.cancel();
    const next = redirectTarget(location, url, outgoing);
    if (redirects === MOST_REDIRECTS)
      throw badRedirect(outgoing, url, `more than ${MOST_REDIRECTS} redirects`);
    if (next.origin !== url.origin) authorization = undefined;
    url = next;
  }
}

async function sendOnce(
  outgoing: Outgoing,
  authorization: string | undefined,
  wire: Wire,
  patience: Patience,
): Promise<Response> {
  const { method, url, headers, lend } = outgoing;
  const body = finished(outgoing.body, wire);
  const began = performance.now();
  const report = (status: number) =>
    wire.onRequest?.({ method, status, ms: performance.now() - began, url: url.origin + url.pathname });
  try {
    const response = await wire.fetch(url, {
      method,
      redirect: 'manual',
      signal: patience.signal,
      headers: {
        'user-agent': `archweave/${VERSION}`,
        // Bytes are hashed as they are stored; nothing on the way is to pack them.
        'accept-encoding': 'identity',
        ...headers,
        ...(authorization !== undefined && { authorization }),
      },
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
      ...(lend === true && { lend }),
      ...(body !== undefined && !(body instanceof Uint8Array) && { duplex: 'half' }),
    });
    report(response.status);
    return response;
  } catch (failure) {
    report(0);
    throw networkError(failure, outgoing, patience.signal);
  }
}

/** Copies parts that may be lent, where fetch may still have one in hand when it asks for the next. */
function finished(body: Outgoing['body'], wire: Wire): Outgoing['body'] {
  if (body === undefined || body instanceof Uint8Array) return body;
  return (wire.fetch as { finishesParts?: boolean }).finishesParts === true ? body : copies(body);
}

async function* copies(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const part of parts) yield Uint8Array.from(part);
}

function isRedirect(status: number, { method, body }: Outgoing): boolean {
  if (method === 'GET' || method === 'HEAD') return [301, 302, 303, 307, 308].includes(status);
  return [307, 308].includes(status) && (body === undefined || body instanceof Uint8Array);
}

function redirectTarget(location: string, from: URL, outgoing: Outgoing): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw badRedirect(outgoing, from, 'a redirect to no address');
  if (url.protocol === 'http:' && from.protocol === 'https:' && !isLoopback(from.host))
    throw badRedirect(outgoing, from, 'a redirect from https to plain http');
  if (isLoopback(url.host) && !isLoopback(from.host))
    throw badRedirect(outgoing, from, 'a redirect to the machine that archweave runs on');
  return url;
}

function badRedirect({ attempt, reference, method }: Outgoing, url: URL, what: string): ArchweaveError {
  return new ArchweaveError({
    code: 'not-a-registry',
    attempt,
    ...(reference !== undefined && { reference }),
    reason: `${url.host} answers, but not as a registry (${what})`,
    where: `${describeRequest(method, url)} -> redirect`,
  });
}
