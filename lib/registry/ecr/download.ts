import { ArchweaveError, type ErrorFacts } from '../../errors.ts';
import type { CallOptions } from '../interfaces.ts';
import { networkError } from '../oci/network-error.ts';
import { Patience } from '../oci/patience.ts';
import type { About, EcrAccess } from './access.ts';

/**
 * The bytes of a layer from `offset` on, from the address that ECR gave for it. The deadline runs while the next
 * bytes are awaited. The address goes nowhere else: errors and request lines name the layer instead.
 */
export async function download(
  access: EcrAccess,
  about: About,
  url: URL,
  offset: number,
  { signal }: CallOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const patience = new Patience(access.timeout, signal);
  const since = performance.now();
  const headers: Record<string, string> = offset === 0 ? {} : { range: `bytes=${offset}-` };
  let response: Response;
  try {
    response = await access.fetch(url, { headers, redirect: 'error', signal: patience.signal });
  } catch (error) {
    patience.pause();
    throw broken(error, about, patience.signal);
  }
  const { status, body } = response;
  access.onRequest?.({
    method: 'GET',
    status,
    ms: performance.now() - since,
    url: `https://${about.reference}`,
  });
  if (status === 200 || status === 206) {
    if (body === null) return nothing();
    const startsThere = status === 206 || offset === 0;
    return bytesOf(body, startsThere ? 0 : offset, about, patience);
  }
  patience.pause();
  await body?.cancel();
  // The offset is the layer's end.
  if (status === 416 && offset > 0) return nothing();
  throw failure(about, status, {
    code: 'registry-failed',
    reason: `the store of ECR's layers does not hand it out (${status})`,
    status,
    retryable: status >= 500 || status === 403 || status === 429,
  });
}

async function* bytesOf(
  body: AsyncIterable<Uint8Array>,
  skipped: number,
  about: About,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  let skip = skipped;
  const parts = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      patience.renew();
      const { done, value } = await parts.next().catch(error => {
        throw broken(error, about, patience.signal);
      });
      patience.pause();
      if (done) return;
      if (skip < value.length) yield value.subarray(skip);
      skip = Math.max(0, skip - value.length);
    }
  } finally {
    patience.pause();
    await parts.return?.().catch(() => {});
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** Without the cause, in whose words the address may be. */
function broken(error: unknown, about: About, signal: AbortSignal): ArchweaveError {
  const met = { attempt: about.attempt, method: 'GET', url: new URL('https://the-store-of-ECR-layers') };
  const { code, reason, retryable } = networkError(error, met, signal);
  const words = reason.replaceAll('the-store-of-ecr-layers', "the store of ECR's layers");
  return failure(about, 'no answer', { code, reason: words, retryable, next: 'run it again' });
}

function failure(
  { attempt, reference }: About,
  outcome: number | string,
  facts: Omit<ErrorFacts, 'attempt'>,
): ArchweaveError {
  const where = `GET the layer -> ${outcome}`;
  return new ArchweaveError({ attempt, ...(reference && { reference }), where, ...facts });
}
