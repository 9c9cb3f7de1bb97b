import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, matchesDigest } from '../../image/digest.ts';
import type { BlobReading, CallOptions } from '../interfaces.ts';
import { blobPath, nameOf, pulling } from './address.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import { inParallel } from './in-parallel.ts';

const DEFAULT_MOST_BYTES = 4 * 1024 * 1024;

/** `BlobReader.readBlobs`: one GET each, eight at once. */
export async function readBlobs(
  client: Client,
  repository: string,
  digests: readonly Digest[],
  options: CallOptions & { readonly maxBytes?: number } = {},
): Promise<ReadonlyMap<Digest, BlobReading>> {
  const unique = [...new Set(digests)];
  const readings = await inParallel(unique, options.signal, (digest, signal) =>
    readBlob(
      client,
      { ...blobCall(client, repository, digest, signal), hoped: [200, 404] },
      digest,
      options.maxBytes,
    ),
  );
  return new Map(unique.map((digest, at) => [digest, readings[at]!]));
}

/** `BlobReader.statBlob`; who writes next says so in `scopes` and needs one token instead of two. */
export async function statBlob(
  client: Client,
  repository: string,
  digest: Digest,
  { signal, scopes = [pulling(repository)] }: CallOptions & { readonly scopes?: readonly string[] } = {},
): Promise<number | undefined> {
  const call = { ...blobCall(client, repository, digest, signal), scopes };
  const { status, headers } = await client.request({ ...call, method: 'HEAD', hoped: [200, 404] });
  if (status === 404) return undefined;
  const size = sizeIn(headers.get('content-length'));
  if (size !== undefined) return size;
  const ranged = await client.open({ ...call, headers: { range: 'bytes=0-0' }, hoped: [200, 206] });
  await drop(ranged.body);
  const total = sizeIn(/\/(\d+)$/.exec(ranged.headers.get('content-range') ?? '')?.[1] ?? null);
  if (total !== undefined) return total;
  const reason = 'the registry does not say how large it is';
  throw new ArchweaveError({ code: 'registry-failed', attempt: call.attempt, reason });
}

/** `BlobReader.openBlob`: a body that breaks throws, and is to be opened again from where it broke. */
export async function openBlob(
  client: Client,
  repository: string,
  digest: Digest,
  {
    signal,
    offset = 0,
    lend = false,
  }: CallOptions & { readonly offset?: number; readonly lend?: boolean } = {},
): Promise<AsyncIterable<Uint8Array>> {
  const call = { ...blobCall(client, repository, digest, signal), lend };
  if (offset === 0) return (await opened(client, { ...call, hoped: [200] })).body;
  // 416: the offset is the blob's end.
  const hoped = [200, 206, 416];
  const ranged = { ...call, headers: { range: `bytes=${offset}-` }, hoped };
  const { status, headers, body } = await opened(client, ranged);
  if (status === 200) return withoutStart(body, offset);
  if (status === 416) {
    await drop(body);
    return nothing();
  }
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  if (start === String(offset)) return body;
  await drop(body);
  const reason = 'the registry sent another part than it was asked for';
  throw new ArchweaveError({ code: 'registry-failed', attempt: call.attempt, reason, status });
}

async function readBlob(
  client: Client,
  call: Call,
  digest: Digest,
  limit = DEFAULT_MOST_BYTES,
): Promise<BlobReading> {
  try {
    const { status, bytes } = await client.request({ ...call, limit });
    if (status === 404) return { kind: 'absent' };
    if (matchesDigest(bytes, digest)) return { kind: 'found', bytes };
    return {
      kind: 'unreadable',
      error: new ArchweaveError({ code: 'digest-mismatch', attempt: call.attempt }),
    };
  } catch (error) {
    if (isArchweaveError(error) && error.code === 'too-large') return { kind: 'unreadable', error };
    throw error;
  }
}

async function opened(client: Client, call: Call) {
  return client.open(call).catch(error => {
    const isGone = isArchweaveError(error) && error.code === 'not-found';
    throw isGone ? error.with({ reason: 'there is no such blob' }) : error;
  });
}

function blobCall(client: Client, repository: string, digest: Digest, signal: AbortSignal | undefined): Call {
  const name = nameOf(client, repository, digest);
  return {
    attempt: `read ${name}`,
    reference: name,
    method: 'GET',
    at: blobPath(repository, digest),
    scopes: [pulling(repository)],
    resend: 'always',
    hoped: [200],
    // Blobs are of any type; their digest says whether they are right.
    pageIsFine: true,
    signal,
  };
}

function sizeIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

async function drop(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* withoutStart(body: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const part of body) {
    if (left < part.length) yield part.subarray(left);
    left = Math.max(0, left - part.length);
  }
}
