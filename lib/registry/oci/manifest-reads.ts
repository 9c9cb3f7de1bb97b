import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, digestOf, isDigest, matchesDigest, parseDigest } from '../../image/digest.ts';
import { isManifestType, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST } from '../../image/media-types.ts';
import { MAX_MANIFEST_BYTES } from '../../image/read-manifest.ts';
import type { CallOptions, Reading } from '../interfaces.ts';
import { looseManifest } from '../loose-manifest.ts';
import { manifestPath, nameOf, pulling } from './address.ts';
import { isHtml } from './answer-error.ts';
import type { Answer, Call } from './call.ts';
import type { Client } from './client.ts';
import { inParallel } from './in-parallel.ts';

const REPORT = "report it to the registry's owner";

/** `ManifestReader.readManifests`: one GET each, eight at once. */
export async function readManifests(
  client: Client,
  repository: string,
  references: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, Reading>> {
  const unique = [...new Set(references)];
  const readings = await inParallel(unique, options.signal, (reference, signal) =>
    readManifest(client, repository, reference, signal),
  );
  return new Map(unique.map((reference, at) => [reference, readings[at]!]));
}

/** `ManifestReader.resolveReferences`: one HEAD each, eight at once. */
export async function resolveReferences(
  client: Client,
  repository: string,
  references: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, Digest | undefined>> {
  const unique = [...new Set(references)];
  const digests = await inParallel(unique, options.signal, (reference, signal) =>
    resolveReference(client, repository, reference, signal),
  );
  return new Map(unique.map((reference, at) => [reference, digests[at]]));
}

export async function readManifest(
  client: Client,
  repository: string,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  const call = readCall(client, repository, reference, 'GET', signal);
  try {
    const answer = await client.request(call);
    return answer.status === 404 ? { kind: 'absent' } : readingOf(client, call, reference, answer);
  } catch (error) {
    if (isArchweaveError(error) && error.code === 'too-large') return { kind: 'unreadable', error };
    throw error;
  }
}

async function resolveReference(
  client: Client,
  repository: string,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  const call = readCall(client, repository, reference, 'HEAD', signal);
  const answer = await client.request({ ...call, hoped: [200, 404, 405] });
  if (answer.status === 404) return undefined;
  const digest = isDigest(reference) ? reference : (answer.headers.get('docker-content-digest') ?? '');
  if (answer.status === 200 && isDigest(digest)) return digest;
  // Registries before version 1.1 of the specification need not name the digest.
  const reading = await readManifest(client, repository, reference, signal);
  if (reading.kind === 'unreadable') throw reading.error;
  return reading.kind === 'found' ? reading.manifest.digest : undefined;
}

function readCall(
  client: Client,
  repository: string,
  reference: string,
  method: 'GET' | 'HEAD',
  signal: AbortSignal | undefined,
): Call {
  const name = nameOf(client, repository, reference);
  return {
    attempt: `read ${name}`,
    reference: name,
    method,
    at: manifestPath(repository, reference),
    headers: { accept: MANIFEST_TYPES.join(', ') },
    scopes: [pulling(repository)],
    resend: 'always',
    hoped: [200, 404],
    limit: MAX_MANIFEST_BYTES,
    signal,
  };
}

function readingOf(client: Client, call: Call, reference: string, answer: Answer): Reading {
  const { bytes, headers } = answer;
  const said = headers.get('docker-content-digest');
  const unreadable = (code: 'digest-mismatch' | 'malformed', reason?: string): Reading => {
    const { attempt, reference: name } = call;
    const where = `GET ${answer.url.origin}${answer.url.pathname} -> 200`;
    const facts = {
      code,
      attempt,
      where,
      next: REPORT,
      ...(name && { reference: name }),
      ...(reason && { reason }),
    };
    return { kind: 'unreadable', error: new ArchweaveError(facts) };
  };
  const content = looseManifest(bytes);
  if (content === undefined && isHtml(headers, bytes)) throw client.notRegistry(call, answer);
  if (isDigest(reference) && !matchesDigest(bytes, reference)) return unreadable('digest-mismatch');
  if (said !== null && !matchesDigest(bytes, said)) return unreadable('digest-mismatch');
  if (content === undefined) return unreadable('malformed', 'it is no JSON object');
  const { mediaType: own } = content;
  const type = (headers.get('content-type') ?? '').replace(/;.*/s, '').trim().toLowerCase();
  if (own && type && isManifestType(type) && own !== type)
    return unreadable('malformed', `it was sent as ${type} and says that it is something else`);
  const guessed = typeof own === 'string' ? own : content.manifests ? OCI_INDEX : OCI_MANIFEST;
  // Stores behind some registries hand manifests out as plain JSON or text.
  const mediaType = type && !/^(application\/(json|octet-stream)|text\/plain)$/.test(type) ? type : guessed;
  const digest = isDigest(reference) ? reference : digestOf(bytes, parseDigest(said ?? '')?.algorithm);
  return { kind: 'found', manifest: { bytes, digest, mediaType } };
}
