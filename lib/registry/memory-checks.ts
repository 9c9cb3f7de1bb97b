import { ArchweaveError, type ErrorCode } from '../errors.ts';
import { type Digest, isDigest, matchesDigest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { isManifestType } from '../image/media-types.ts';
import { MAX_MANIFEST_BYTES } from '../image/read-manifest.ts';
import { looseManifest } from './loose-manifest.ts';
import type { MemoryRepository } from './memory-repository.ts';

/** The digest that a manifest is kept by. Throws what a real registry refuses it for. */
export function checkManifest(
  { manifests, tags, immutable }: MemoryRepository,
  reference: string,
  manifest: Manifest,
  attempt: string,
): Digest {
  if (manifest.bytes.length > MAX_MANIFEST_BYTES) throw refusal('too-large', attempt);
  if (!isManifestType(manifest.mediaType)) throw refusal('unsupported', attempt);
  const digest = isDigest(reference) ? reference : manifest.digest;
  if (!matchesDigest(manifest.bytes, digest)) throw refusal('digest-mismatch', attempt);
  const content = looseManifest(manifest.bytes);
  if (content === undefined) throw refusal('malformed', attempt);
  const gone = content.manifests?.find(child => !manifests.has(child.digest));
  if (gone) throw refusal('child-gone', attempt, `the registry does not have ${gone.digest}`);
  const before = tags.get(reference);
  if (before && before.digest !== digest && immutable.has(reference)) {
    const reason = `the tag is immutable and holds another manifest ${before.digest}`;
    throw refusal('immutable-tag', attempt, reason);
  }
  return digest;
}

export function refusal(code: ErrorCode, attempt: string, reason?: string): ArchweaveError {
  return new ArchweaveError({ code, attempt, ...(reason !== undefined && { reason }) });
}
