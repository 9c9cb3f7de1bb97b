import { ArchweaveError } from '../../errors.ts';
import { answerError } from '../oci/answer-error.ts';
import { readBody, readBodyStart } from '../oci/body.ts';
import type { ClientMeans } from '../oci/client.ts';
import { exchange } from '../oci/exchange.ts';
import { jwtClaims } from '../oci/jwt-claims.ts';
import type { LoginSearch, LoginSource } from '../oci/login.ts';
import { networkError } from '../oci/network-error.ts';
import { Patience } from '../oci/patience.ts';
import { persistently } from '../oci/retry.ts';
import type { AzureIdentity } from './azure-identity.ts';

const MOST_BYTES = 1024 * 1024;
/** Milliseconds before its end from which on a refresh token is replaced. */
const MARGIN = 5 * 60_000;
/** Milliseconds that a refresh token is believed where it does not say when it ends; ACR's last three hours. */
const AT_LEAST = 60 * 60_000;

/**
 * The login of an identity of Entra at a registry of ACR: a refresh token that ACR exchanges Entra's token for, which
 * the token server then gives tokens for, one scope each. Where nobody is logged in to Azure, whatever docker has.
 */
export function acrLogin(
  identity: () => Promise<AzureIdentity>,
  means: ClientMeans,
  docker: LoginSource,
): LoginSource {
  return async (host, signal) => {
    const attempt = `log in at ${host}`;
    const { name, next, token } = await identity();
    const entra = await token({ attempt, signal });
    if (entra === undefined) {
      const found = await docker(host, signal);
      return found.login ? found : { tried: [`${name} found nobody`, ...found.tried] };
    }
    const refreshed = await persistently(
      () => refreshToken({ host, attempt, entra, name, next }, means),
      'always',
      means.retry,
      signal,
    );
    return login(refreshed, name, means.now());
  };
}

interface Asking {
  readonly host: string;
  readonly attempt: string;
  readonly entra: string;
  readonly name: string;
  readonly next: string;
}

function login(identityToken: string, name: string, now: number): LoginSearch {
  const { exp } = jwtClaims(identityToken);
  const until = typeof exp === 'number' ? exp * 1000 - MARGIN : now + AT_LEAST;
  // One that has ended already, by this machine's clock, is used all the same: the clock may be wrong.
  return { login: { identityToken, until: Math.max(until, now + MARGIN) }, tried: [name] };
}

async function refreshToken(
  { host, attempt, entra, name, next }: Asking,
  means: ClientMeans,
): Promise<string> {
  const url = new URL(`https://${host}/oauth2/exchange`);
  const form = new URLSearchParams({ grant_type: 'access_token', service: host, access_token: entra });
  const outgoing = {
    attempt,
    method: 'POST',
    url,
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    // In an iterable, so that no redirect makes it go anywhere else.
    body: once(Buffer.from(form.toString())),
  };
  const patience = new Patience(means.wire.timeout);
  try {
    const { response, url: from } = await exchange(outgoing, means.wire, patience);
    const { status, headers } = response;
    if (status !== 200) {
      const bytes = await readBodyStart(response, MOST_BYTES);
      // Its words are left out: they may repeat what it was sent.
      const refused = { ...outgoing, url: from, status, headers, bytes, now: means.now(), host, tried: name };
      throw notTaken(answerError({ ...refused, scrub: () => '' }), name, next);
    }
    const text = refreshTokenIn(await readBody(response, MOST_BYTES));
    if (text !== undefined) return text;
    const where = `POST ${url.href} -> 200`;
    throw new ArchweaveError({
      code: 'not-a-registry',
      attempt,
      reason: `${host} gives no refresh token`,
      where,
    });
  } catch (failure) {
    if (failure instanceof ArchweaveError) throw failure;
    throw networkError(failure, outgoing, patience.signal);
  } finally {
    patience.pause();
  }
}

/** Entra knows the caller and the registry does not: it lives in another tenant, or takes no such tokens. */
function notTaken(error: ArchweaveError, name: string, next: string): ArchweaveError {
  if (error.status === undefined || error.status < 400 || error.status >= 500 || error.status === 429)
    return error;
  const reason = 'it does not take this token of Entra';
  const more = {
    code: 'unauthorized',
    reason,
    tried: name,
    next: `is it in another tenant? ${next}`,
  } as const;
  return error.with(more);
}

function refreshTokenIn(bytes: Uint8Array): string | undefined {
  try {
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as { refresh_token?: unknown } | null;
    const text = answer?.refresh_token;
    return typeof text === 'string' && /^[\x21-\x7e]+$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}
