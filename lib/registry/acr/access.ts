import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import type { CallOptions } from '../interfaces.ts';
import type { Authorizer } from '../oci/authorizer.ts';
import type { Client } from '../oci/client.ts';
import { networkError } from '../oci/network-error.ts';
import { Patience } from '../oci/patience.ts';
import type { Resend } from '../oci/retry.ts';
import { parseScope } from '../oci/scope.ts';
import { acrError, type Right } from './acr-error.ts';
import type { AcrClients } from './clients.ts';
import { scopeOf } from './scope-of.ts';

/** How one registry of ACR is reached. */
export interface AcrAccess {
  /** As references name it. */
  readonly host: string;
  /** For what the SDK has no call for; both log in with the same tokens. */
  readonly client: Client;
  readonly authorizer: Authorizer;
  /** Made at the first call, and the same ever after. */
  readonly clients: () => Promise<AcrClients>;
  /** The command for whoever is not logged in, by what is known of who asks. */
  readonly login: () => string;
  /** Milliseconds for one request. */
  readonly timeout: number;
}

/** What is being done, for the error that may come of it. */
export interface About {
  readonly attempt: string;
  readonly reference?: string;
  readonly right: Right;
  /** Left out for what is asked of the whole registry. */
  readonly repository?: string;
  readonly resend?: Resend;
}

/** Asks ACR by the SDK, again where that is safe; whatever goes wrong is an `ArchweaveError`. */
export async function ask<T>(
  access: AcrAccess,
  about: About,
  { signal }: CallOptions,
  send: (clients: AcrClients, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const { attempt, reference, right, resend = 'always' } = about;
  if (signal?.aborted) throw new ArchweaveError({ code: 'interrupted', attempt, cause: signal.reason });
  const clients = await access.clients();
  return access.client.persistently(resend, signal, async () => {
    const patience = new Patience(access.timeout, signal);
    try {
      // What logging in takes is its own time, and not the request's.
      patience.pause();
      await logIn(access, about, signal);
      patience.resume();
      return await send(clients, { abortSignal: patience.signal });
    } catch (failure) {
      const url = new URL(`https://${access.host}/v2/`);
      const error = isArchweaveError(failure)
        ? failure
        : networkError(failure, { attempt, method: 'GET', url }, patience.signal);
      const told = error.with({ attempt, ...(reference !== undefined && { reference }) });
      throw acrError(told, access, right);
    } finally {
      patience.pause();
    }
  });
}

/** Has the token there that the request is going to show (authorized.ts). */
async function logIn(
  { host, authorizer }: AcrAccess,
  { attempt, right, repository }: About,
  signal: AbortSignal | undefined,
): Promise<void> {
  const registry = new URL(`https://${host}/v2/`);
  const occasion = { attempt, registry, ...(signal !== undefined && { signal }) };
  await authorizer.authorization(parseScope(scopeOf(right, repository)), occasion);
}

/** What the distribution API is asked for, its errors told as ACR's. */
export async function told<T>(access: AcrAccess, right: Right, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw isArchweaveError(error) ? acrError(error, access, right) : error;
  }
}

/** `HOST/REPOSITORY`, and a tag or digest where one is given. */
export function nameOf({ host }: Pick<AcrAccess, 'host'>, repository: string, reference?: string): string {
  if (reference === undefined) return `${host}/${repository}`;
  return `${host}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}
