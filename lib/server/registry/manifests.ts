import { type Digest, digestOf, isDigest } from '../../image/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../image/media-types.ts';
import { MAX_MANIFEST_BYTES } from '../../image/read-manifest.ts';
import type { Resolved } from '../storage/manifest-store.ts';
import { Refusal } from './refusal.ts';
import {
  demandDigest,
  demandReference,
  demandTag,
  isHead,
  type RegistryRequest,
  readBody,
} from './request.ts';

/** GET and HEAD. `Accept` is not looked at: a manifest is given as it was pushed, as other registries do. */
export function getManifest(request: RegistryRequest): Response {
  const { c, storage, endpoint } = request;
  const reference = demandReference(endpoint.reference);
  if (isHead(request)) {
    const found = storage.manifests.resolve(endpoint.repository, reference);
    return c.body(null, 200, headersOf(found ?? unknown(request)));
  }
  const found = storage.manifests.read(endpoint.repository, reference);
  const headers = headersOf(found ?? unknown(request));
  return c.body(found!.bytes as Uint8Array<ArrayBuffer>, 200, headers);
}

/** PUT under a tag, or under a digest with tags as `?tag=` if any. */
export async function putManifest(request: RegistryRequest): Promise<Response> {
  const { c, storage, endpoint } = request;
  const reference = demandReference(endpoint.reference);
  const queried = (c.req.queries('tag') ?? []).map(demandTag);
  const bytes = await readBody(request, MAX_MANIFEST_BYTES);
  const byDigest = isDigest(reference);
  const digest = byDigest ? reference : digestOf(bytes);
  const mediaType = mediaTypeOf(c.req.header('content-type'), bytes);
  const tags = byDigest ? [...new Set(queried)] : [reference];
  const content = storage.putManifest(endpoint.repository, { bytes, digest, mediaType }, tags);
  return c.body(null, 201, {
    Location: `/v2/${endpoint.repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(content.subject && { 'OCI-Subject': content.subject.digest }),
    ...(byDigest && tags.length > 0 && { 'OCI-Tag': tags.join(', ') }),
  });
}

export function deleteManifest(request: RegistryRequest): Response {
  const { c, storage, endpoint } = request;
  const reference = demandReference(endpoint.reference);
  const there = isDigest(reference)
    ? storage.deleteManifest(endpoint.repository, reference)
    : storage.deleteTag(endpoint.repository, reference);
  return there ? c.body(null, 202, { 'Content-Length': '0' }) : unknown(request);
}

const REFERRERS_A_PAGE = 1000;

/** What names a digest as its subject: never 404, since that would mean there is no such endpoint. */
export function getReferrers({ c, storage, endpoint }: RegistryRequest): Response {
  const digest = demandDigest(endpoint.reference);
  const artifactType = c.req.query('artifactType') || undefined;
  const page = { after: c.req.query('last'), limit: REFERRERS_A_PAGE + 1, artifactType };
  const found = storage.manifests.referrers(endpoint.repository, digest, page);
  const manifests = found.slice(0, REFERRERS_A_PAGE);
  const more =
    found.length > manifests.length && nextPage(endpoint.repository, digest, manifests.at(-1)!, artifactType);
  return c.body(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }), 200, {
    'Content-Type': OCI_INDEX,
    ...(artifactType !== undefined && { 'OCI-Filters-Applied': 'artifactType' }),
    ...(more && { Link: more }),
  });
}

function nextPage(
  repository: string,
  digest: Digest,
  last: { readonly digest: Digest },
  artifactType: string | undefined,
): string {
  const query = new URLSearchParams({ last: last.digest, ...(artifactType && { artifactType }) });
  return `</v2/${repository}/referrers/${digest}?${query}>; rel="next"`;
}

function headersOf({ digest, mediaType, size }: Resolved): Record<string, string> {
  return {
    'Content-Type': mediaType,
    'Content-Length': String(size),
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
  };
}

function unknown({ endpoint: { repository, reference } }: RegistryRequest): never {
  throw new Refusal(404, 'MANIFEST_UNKNOWN', `${repository} has no manifest ${reference}`, {
    detail: { name: repository, reference },
  });
}

/** The type that was sent, without parameters. Where none was: what the manifest says, or looks like. */
function mediaTypeOf(header: string | undefined, bytes: Uint8Array): string {
  const sent = (header ?? '').split(';')[0]!.trim();
  if (sent !== '') return sent;
  try {
    const { mediaType, manifests } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
    if (typeof mediaType === 'string') return mediaType;
    return manifests === undefined ? OCI_MANIFEST : OCI_INDEX;
  } catch {
    return OCI_MANIFEST;
  }
}
