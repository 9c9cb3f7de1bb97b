import type { Descriptor } from '../../image/descriptor.ts';
import { type Digest, parseDigest } from '../../image/digest.ts';
import { OCI_INDEX } from '../../image/media-types.ts';
import type { CallOptions } from '../interfaces.ts';
import { looseManifest } from '../loose-manifest.ts';
import { nameOf, pulling, repositoryPath } from './address.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import { readManifest } from './manifest-reads.ts';
import { nextPage } from './next-page.ts';

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_PAGES = 1000;

/** `ReferrerReader.listReferrers`: by the API, and where there is none by the tag that takes its place. */
export async function listReferrers(
  client: Client,
  repository: string,
  digest: Digest,
  { signal, artifactType }: CallOptions & { readonly artifactType?: string } = {},
): Promise<readonly Descriptor[]> {
  const listed =
    (await listedByApi(client, repository, digest, artifactType, signal)) ??
    (await listedByTag(client, repository, digest, signal));
  // A registry need not filter.
  return listed.filter(entry => artifactType === undefined || entry.artifactType === artifactType);
}

async function listedByApi(
  client: Client,
  repository: string,
  digest: Digest,
  artifactType: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[] | undefined> {
  const name = nameOf(client, repository, digest);
  const query = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`;
  let at: string | URL | undefined = `${repositoryPath(repository)}/referrers/${digest}${query}`;
  const listed: Descriptor[] = [];
  for (let page = 0; at !== undefined && page < MOST_PAGES; page++) {
    const call: Call = {
      attempt: `list what refers to ${name}`,
      reference: name,
      method: 'GET',
      at,
      headers: { accept: OCI_INDEX },
      scopes: [pulling(repository)],
      resend: 'always',
      hoped: [200, 400, 404, 405],
      limit: MOST_BYTES,
      // Proxies in front of older registries say in a page that there is no such API.
      pageIsFine: true,
      signal,
    };
    const answer = await client.request(call);
    if (answer.status !== 200) return undefined;
    const entries = looseManifest(answer.bytes)?.manifests;
    if (entries === undefined) throw client.notRegistry(call, answer);
    listed.push(...entries);
    at = nextPage(answer, client.endpoint.origin);
  }
  return listed;
}

/** What the tag in place of the API lists; nothing where there is no such tag. */
export async function listedByTag(
  client: Client,
  repository: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[]> {
  const reading = await readManifest(client, repository, referrersTag(digest), signal);
  if (reading.kind === 'unreadable') throw reading.error;
  return (reading.kind === 'found' && looseManifest(reading.manifest.bytes)?.manifests) || [];
}

/** `sha256-HEX`, each part cut as the specification says, which matters for sha512. */
export function referrersTag(digest: Digest): string {
  const { algorithm, hex } = parseDigest(digest)!;
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}
