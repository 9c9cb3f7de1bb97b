import { ArchweaveError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import type { CallOptions } from '../interfaces.ts';
import type { RequestLine } from '../oci/exchange.ts';
import type { EcrClients } from './clients.ts';
import { ecrError } from './ecr-error.ts';
import type { PartMemory } from './part-memory.ts';

/** How one registry of ECR is reached. */
export interface EcrAccess {
  /** As references name it. */
  readonly host: string;
  /** The account whose registry it is; left out: the caller's own. */
  readonly registryId?: string;
  /** Made at the first call, and the same ever after. */
  readonly clients: () => Promise<EcrClients>;
  /** For parts of uploads, which are sent whole. */
  readonly parts: PartMemory;
  /** For layers, which come from a store beside ECR. */
  readonly fetch: typeof fetch;
  /** Milliseconds for one request. */
  readonly timeout: number;
  readonly onRequest?: (line: RequestLine) => void;
}

/** What is being done, for the error that may come of it. */
export interface About {
  /** As IAM names it after `ecr:`. */
  readonly operation: string;
  readonly attempt: string;
  readonly reference?: string;
  readonly repository?: string;
}

/** Asks ECR; whatever goes wrong is an `ArchweaveError`. */
export async function ask<T>(
  access: EcrAccess,
  about: About,
  { signal }: CallOptions,
  send: (clients: EcrClients, options: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) {
    throw new ArchweaveError({ code: 'interrupted', attempt: about.attempt, cause: signal.reason });
  }
  const clients = await access.clients();
  try {
    return await send(clients, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    throw await told(error, access, about, clients, signal);
  }
}

/** As the input of every operation has it. */
export function registryOf({ registryId }: EcrAccess): { readonly registryId?: string } {
  return registryId === undefined ? {} : { registryId };
}

/** `HOST/REPOSITORY`, and a tag or digest where one is given. */
export function nameOf({ host }: Pick<EcrAccess, 'host'>, repository: string, reference?: string): string {
  if (reference === undefined) return `${host}/${repository}`;
  return `${host}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}

async function told(
  error: unknown,
  { host }: EcrAccess,
  about: About,
  { patient }: EcrClients,
  signal: AbortSignal | undefined,
): Promise<ArchweaveError> {
  // Where no Region is known, that is the very failure.
  const region = await patient.config.region().catch(() => undefined);
  return ecrError(error, { ...about, host, ...(region !== undefined && { region }) }, signal);
}
