import { ArchweaveError } from '../../errors.ts';
import { isLoopback } from '../../image/reference.ts';
import { answerError, isHtml } from './answer-error.ts';
import { BodyTooLong, readBody, readBodyStart } from './body.ts';
import type { Challenge } from './challenge.ts';
import { describeRequest } from './describe.ts';
import { exchange, type Outgoing, type Wire } from './exchange.ts';
import { jwtClaims } from './jwt-claims.ts';
import type { Login } from './login.ts';
import { type Asked, networkError } from './network-error.ts';
import { Patience } from './patience.ts';
import { persistently, type RetryPolicy } from './retry.ts';

const MOST_BYTES = 1024 * 1024;
const MOST_ERROR_BYTES = 64 * 1024;

/** Seconds that a token lasts where neither its server nor itself says (the token specification's default). */
const DEFAULT_SECONDS = 60;

export interface Token {
  readonly text: string;
  /** Milliseconds since 1970; a little before the server stops taking it. */
  readonly until: number;
}

export interface TokenRequest {
  readonly attempt: string;
  /** The registry's host as people write it. */
  readonly host: string;
  /** Where the challenge came from. */
  readonly registry: URL;
  readonly challenge: Challenge;
  /** As the token server wants them, one parameter each. */
  readonly scopes: readonly string[];
  readonly login: Login | undefined;
  readonly tried: string;
  readonly next?: string;
}

export interface TokenMeans {
  readonly wire: Wire;
  readonly retry: RetryPolicy;
  readonly now: () => number;
}

/**
 * Whether a token server may be told the credentials for a registry that named it: over https, or where both are
 * this machine, or where the registry itself is spoken to in plain http and is that very server.
 */
export function mayLogInAt(realm: URL, registry: URL): boolean {
  if (realm.protocol === 'https:') return true;
  if (isLoopback(realm.host)) return isLoopback(registry.host);
  return registry.protocol === 'http:' && realm.host === registry.host;
}

/**
 * Gets a token from the server that the challenge names: with a GET (and the login, where there is one and the
 * server may know it), or for a refresh token with the POST of the OAuth 2 form.
 */
export async function fetchToken(request: TokenRequest, means: TokenMeans): Promise<Token> {
  const realm = realmOf(request);
  if (request.login && !mayLogInAt(realm, request.registry)) {
    const { next: _, ...same } = request;
    const tried = `${realm.host} is plain http and was told no login`;
    return fetchToken({ ...same, login: undefined, tried }, means);
  }
  const { login } = request;
  // Made anew for each try: a body that goes nowhere else can be read once.
  const outgoing = () =>
    login?.identityToken ? refreshing(request, realm, login.identityToken) : asking(request, realm, login);
  return persistently(() => ask(outgoing(), request, means), 'always', means.retry);
}

async function ask(outgoing: Outgoing, request: TokenRequest, means: TokenMeans): Promise<Token> {
  const patience = new Patience(means.wire.timeout);
  try {
    const { response, url } = await exchange(outgoing, means.wire, patience);
    if (response.status === 200 && !isHtml(response.headers))
      return readToken(await readBody(response, MOST_BYTES), outgoing, means.now());
    const { status, headers } = response;
    const bytes = await readBodyStart(response, MOST_ERROR_BYTES);
    const { host, tried, next } = request;
    // The token server's own words are left out: they may repeat what it was sent.
    throw answerError({
      ...outgoing,
      url,
      status,
      headers,
      bytes,
      now: means.now(),
      host,
      tried,
      ...(next !== undefined && { next }),
      scrub: () => '',
    });
  } catch (failure) {
    if (failure instanceof ArchweaveError) throw failure;
    if (failure instanceof BodyTooLong) throw noToken(outgoing, 'answers too much');
    throw networkError(failure, outgoing, patience.signal);
  } finally {
    patience.pause();
  }
}

function asking(request: TokenRequest, realm: URL, login: Login | undefined): Outgoing {
  const url = new URL(realm);
  if (request.challenge.parameters.service)
    url.searchParams.set('service', request.challenge.parameters.service);
  for (const scope of request.scopes) url.searchParams.append('scope', scope);
  const known = login?.username !== undefined && login.password !== undefined;
  if (known) url.searchParams.set('account', login.username!);
  return {
    attempt: request.attempt,
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    ...(known && { authorization: basic(login) }),
  };
}

function refreshing(request: TokenRequest, realm: URL, refreshToken: string): Outgoing {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: request.challenge.parameters.service ?? '',
    client_id: 'archweave',
    scope: request.scopes.join(' '),
    refresh_token: refreshToken,
  });
  return {
    attempt: request.attempt,
    method: 'POST',
    url: realm,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    // In an iterable, so that no redirect makes it go anywhere else.
    body: once(Buffer.from(form.toString())),
  };
}

/** The value of an `Authorization` header for a user and a password. */
export function basic({ username = '', password = '' }: Login): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function realmOf({ attempt, host, registry, challenge }: TokenRequest): URL {
  const text = challenge.parameters.realm ?? '';
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (what: string) =>
    new ArchweaveError({
      code: 'not-a-registry',
      attempt,
      reason: `${host} names ${what} to log in at`,
      where: `${describeRequest('GET', registry)} -> 401`,
    });
  if (realm === undefined || !/^https?:$/.test(realm.protocol)) throw refuse('no address');
  if (realm.username || realm.password) throw refuse('an address with credentials in it');
  if (isLoopback(realm.host) && !isLoopback(registry.host))
    throw refuse('the machine that archweave runs on');
  return realm;
}

function readToken(bytes: Uint8Array, asked: Asked, now: number): Token {
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw noToken(asked, 'answers with no JSON');
  }
  const text = answer?.token || answer?.access_token;
  // Fetch would repeat a token that is no header in its error.
  if (typeof text !== 'string' || !/^[\x21-\x7e]+$/.test(text))
    throw noToken(asked, 'answers without a token');
  const said = answer?.expires_in ?? lifetimeOf(text);
  const seconds = typeof said === 'number' && said > 0 ? said : DEFAULT_SECONDS;
  return { text, until: now + (seconds - Math.min(10, seconds / 10)) * 1000 };
}

/** Seconds, by the token itself where it is a JWT: ACR's server does not say. What the clocks differ by drops out. */
function lifetimeOf(token: string): number | undefined {
  const { exp, iat } = jwtClaims(token);
  return typeof exp === 'number' && typeof iat === 'number' ? exp - iat : undefined;
}

function noToken({ attempt, method, url }: Asked, what: string): ArchweaveError {
  return new ArchweaveError({
    code: 'not-a-registry',
    attempt,
    reason: `the token server ${url.host} ${what}`,
    where: `${describeRequest(method, url)} -> 200`,
  });
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}
