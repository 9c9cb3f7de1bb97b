import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, digestOf, isDigest, parseDigest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import { OCI_INDEX } from '../../image/media-types.ts';
import type { CallOptions } from '../interfaces.ts';
import { asReferrer, looseManifest } from '../loose-manifest.ts';
import { manifestPath, nameOf, pushing } from './address.ts';
import type { Client } from './client.ts';
import { describeRequest } from './describe.ts';

/**
 * `ManifestWriter.writeManifest`. A PUT under a tag is sent once, and again only after a 401 or a 429, which say
 * that it was not taken. A manifest with a subject is put on the list of its referrers too, where the registry does
 * not keep that list itself.
 */
export async function writeManifest(
  client: Client,
  repository: string,
  reference: string,
  manifest: Manifest,
  { signal }: CallOptions = {},
): Promise<void> {
  const name = nameOf(client, repository, reference);
  const attempt = `write ${name}`;
  const { status, headers, url } = await client.request({
    attempt,
    reference: name,
    method: 'PUT',
    at: manifestPath(repository, reference),
    headers: { 'content-type': manifest.mediaType },
    body: manifest.bytes,
    scopes: [pushing(repository)],
    resend: isDigest(reference) ? 'always' : 'if-refused',
    hoped: [200, 201, 202],
    signal,
  });
  const stored = headers.get('docker-content-digest') ?? '';
  const sameKind = parseDigest(stored)?.algorithm === parseDigest(manifest.digest)?.algorithm;
  if (sameKind && stored !== manifest.digest) {
    const reason = 'the registry stored other bytes than it was sent';
    const where = `${describeRequest('PUT', url)} -> ${status}`;
    throw new ArchweaveError({ code: 'digest-mismatch', attempt, reference: name, reason, where });
  }
  if (headers.get('oci-subject')) return;
  const subject = looseManifest(manifest.bytes)?.subject?.digest;
  if (subject !== undefined && isDigest(subject))
    await listAsReferrer(client, repository, subject, manifest, signal);
}

/** `ManifestDeleter.deleteManifest`: a registry that does not allow it, or not of tags, is `unsupported`. */
export async function deleteManifest(
  client: Client,
  repository: string,
  reference: string,
  { signal }: CallOptions = {},
): Promise<void> {
  const name = nameOf(client, repository, reference);
  const deleted = client.request({
    attempt: `delete ${name}`,
    reference: name,
    method: 'DELETE',
    at: manifestPath(repository, reference),
    scopes: [`repository:${repository}:delete,pull,push`],
    // A tag that was taken away and pushed again meanwhile must not be taken away twice.
    resend: isDigest(reference) ? 'always' : 'if-refused',
    hoped: [200, 202, 204, 404],
    signal,
  });
  await deleted.catch(error => {
    if (!isArchweaveError(error) || (error.status !== 400 && error.status !== 405)) throw error;
    const what = isDigest(reference) ? 'manifests' : 'tags';
    throw error.with({ code: 'unsupported', reason: `this registry deletes no ${what} (${error.status})` });
  });
}

/**
 * Adds a manifest to the list that a tag of its subject's digest holds, as the specification asks of clients of a
 * registry that keeps no such list. Two writers at once can lose an entry: the specification knows no cure.
 */
async function listAsReferrer(
  client: Client,
  repository: string,
  subject: Digest,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { listedByTag, referrersTag } = await import('./referrers.ts');
  const content = looseManifest(manifest.bytes);
  const listed = await listedByTag(client, repository, subject, signal);
  if (content === undefined || listed.some(({ digest }) => digest === manifest.digest)) return;
  const manifests = [...listed, asReferrer(manifest, content)];
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  const index = { bytes, digest: digestOf(bytes), mediaType: OCI_INDEX };
  await writeManifest(client, repository, referrersTag(subject), index, { ...(signal && { signal }) });
}
