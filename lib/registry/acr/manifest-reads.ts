import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, digestOf, isDigest } from '../../image/digest.ts';
import { isManifestType } from '../../image/media-types.ts';
import type { CallOptions, Reading } from '../interfaces.ts';
import { looseManifest } from '../loose-manifest.ts';
import { manifestPath } from '../oci/address.ts';
import { oneLine } from '../oci/describe.ts';
import { inParallel } from '../oci/in-parallel.ts';
import { resolveReferences as resolveByHead } from '../oci/manifest-reads.ts';
import { type AcrAccess, ask, nameOf, told } from './access.ts';

const ABSENT: Reading = { kind: 'absent' };

/** `ManifestReader.readManifests`: one GET each, eight at once. */
export async function readManifests(
  access: AcrAccess,
  repository: string,
  references: readonly string[],
  { signal }: CallOptions = {},
): Promise<ReadonlyMap<string, Reading>> {
  const unique = [...new Set(references)];
  const readings = await inParallel(unique, signal, (reference, ended) =>
    readManifest(access, repository, reference, ended ? { signal: ended } : {}),
  );
  return new Map(unique.map((reference, at) => [reference, readings[at]!]));
}

/** `ManifestReader.resolveReferences`: one HEAD each, which the SDK has not. */
export async function resolveReferences(
  access: AcrAccess,
  repository: string,
  references: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, Digest | undefined>> {
  const resolve = (wanted: readonly string[], { signal }: CallOptions) =>
    told(access, 'read', resolveByHead(access.client, repository, wanted, signal ? { signal } : {}));
  try {
    return await resolve(references, options);
  } catch (error) {
    if (!isQuarantined(error)) throw error;
  }
  // What is in quarantine is there all the same, under its digest.
  const unique = [...new Set(references)];
  const digests = await inParallel(unique, options.signal, async (reference, signal) => {
    try {
      return (await resolve([reference], signal ? { signal } : {})).get(reference);
    } catch (error) {
      if (isQuarantined(error) && isDigest(reference)) return reference;
      throw error;
    }
  });
  return new Map(unique.map((reference, at) => [reference, digests[at]]));
}

function isQuarantined(error: unknown): error is ArchweaveError {
  return isArchweaveError(error) && error.code === 'quarantined';
}

async function readManifest(
  access: AcrAccess,
  repository: string,
  reference: string,
  options: CallOptions,
): Promise<Reading> {
  manifestPath(repository, reference);
  // The SDK checks every manifest by its sha256, so that there is nothing by another digest.
  if (isDigest(reference) && !reference.startsWith('sha256:')) return ABSENT;
  const name = nameOf(access, repository, reference);
  const about = { attempt: `read ${name}`, reference: name, right: 'read', repository } as const;
  const unreadable = (code: 'digest-mismatch' | 'malformed' | 'too-large', reason: string): Reading => ({
    kind: 'unreadable',
    error: new ArchweaveError({ code, reason, attempt: about.attempt, reference: name }),
  });
  const reading = ask(access, about, options, async ({ content }, sending): Promise<Reading> => {
    const ended = new AbortController();
    const abortSignal = AbortSignal.any([sending.abortSignal, ended.signal]);
    try {
      const answer = await content(repository).getManifest(reference, { abortSignal });
      const bytes = new Uint8Array(answer.content);
      const own = looseManifest(bytes)?.mediaType;
      const mediaType = answer.mediaType.replace(/;.*/s, '').trim().toLowerCase();
      if (looseManifest(bytes) === undefined) return unreadable('malformed', 'it is no JSON object');
      if (own !== undefined && isManifestType(mediaType) && own !== mediaType)
        return unreadable('malformed', `it was sent as ${mediaType} and says that it is something else`);
      return { kind: 'found', manifest: { bytes, digest: digestOf(bytes), mediaType: own ?? mediaType } };
    } catch (error) {
      // The SDK goes on reading what it has given up.
      ended.abort();
      if (isArchweaveError(error)) {
        if (error.code === 'not-found' || error.code === 'no-repository') return ABSENT;
        throw error;
      }
      const { name: kind, message } = error as Error;
      // What the SDK checks itself, it tells by these.
      if (kind === 'DigestMismatchError') return unreadable('digest-mismatch', oneLine(message));
      if (kind === 'SyntaxError') return unreadable('malformed', 'it is no JSON');
      if (/exceeded maximum/i.test(message))
        return unreadable('too-large', 'it is larger than archweave reads (over 4 MiB)');
      throw error;
    }
  });
  return reading.catch(error => {
    if (isQuarantined(error)) return { kind: 'unreadable', error };
    throw error;
  });
}
