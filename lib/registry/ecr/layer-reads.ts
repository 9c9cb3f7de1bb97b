import { BatchCheckLayerAvailabilityCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, matchesDigest } from '../../image/digest.ts';
import { MAX_MANIFEST_BYTES } from '../../image/read-manifest.ts';
import type { BlobReading, CallOptions } from '../interfaces.ts';
import { inParallel } from '../oci/in-parallel.ts';
import { type About, ask, type EcrAccess, nameOf, registryOf } from './access.ts';
import { download } from './download.ts';

/** ECR's words for a layer that is not there, or that no image refers to and that may go at any time. */
const GONE: ReadonlySet<unknown> = new Set([
  'LayersNotFoundException',
  'LayerInaccessibleException',
  'RepositoryNotFoundException',
]);

/** `BlobReader.readBlobs`: an address and a GET each, eight at once. Only layers that an image refers to are there. */
export async function readBlobs(
  access: EcrAccess,
  repository: string,
  digests: readonly Digest[],
  { maxBytes, ...options }: CallOptions & { readonly maxBytes?: number } = {},
): Promise<ReadonlyMap<Digest, BlobReading>> {
  const unique = [...new Set(digests)];
  const readings = await inParallel(unique, options.signal, (digest, signal) =>
    readBlob(access, repository, digest, maxBytes ?? MAX_MANIFEST_BYTES, signal ? { signal } : {}),
  );
  return new Map(unique.map((digest, at) => [digest, readings[at]!]));
}

/** `BlobReader.statBlob`. An archived layer counts as not there, since it cannot be read. */
export async function statBlob(
  access: EcrAccess,
  repository: string,
  digest: Digest,
  options: CallOptions = {},
): Promise<number | undefined> {
  const operation = 'BatchCheckLayerAvailability';
  const input = { ...registryOf(access), repositoryName: repository, layerDigests: [digest] };
  try {
    const { layers = [] } = await ask(
      access,
      aboutReading(access, operation, repository, digest),
      options,
      ({ patient }, sending) => patient.send(new BatchCheckLayerAvailabilityCommand(input), sending),
    );
    return layers.find(layer => layer.layerDigest === digest && layer.layerAvailability === 'AVAILABLE')
      ?.layerSize;
  } catch (error) {
    if (isArchweaveError(error) && error.code === 'no-repository') return undefined;
    throw error;
  }
}

/** `BlobReader.openBlob`. The address it comes from ends after a while: a body that breaks is to be opened again. */
export async function openBlob(
  access: EcrAccess,
  repository: string,
  digest: Digest,
  { offset = 0, ...options }: CallOptions & { readonly offset?: number } = {},
): Promise<AsyncIterable<Uint8Array>> {
  const about = aboutReading(access, 'GetDownloadUrlForLayer', repository, digest);
  const url = await downloadUrl(access, about, repository, digest, options);
  if (url === undefined) throw gone(about);
  return download(access, about, url, offset, options);
}

async function readBlob(
  access: EcrAccess,
  repository: string,
  digest: Digest,
  limit: number,
  options: CallOptions,
): Promise<BlobReading> {
  const about = aboutReading(access, 'GetDownloadUrlForLayer', repository, digest);
  const url = await downloadUrl(access, about, repository, digest, options);
  if (url === undefined) return { kind: 'absent' };
  const { attempt, reference } = about;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of await download(access, about, url, 0, options)) {
    length += part.length;
    if (length > limit) {
      const reason = `it has more than ${limit} bytes`;
      return {
        kind: 'unreadable',
        error: new ArchweaveError({ code: 'too-large', attempt, reason, ...(reference && { reference }) }),
      };
    }
    parts.push(part);
  }
  const bytes = new Uint8Array(Buffer.concat(parts));
  if (matchesDigest(bytes, digest)) return { kind: 'found', bytes };
  const error = new ArchweaveError({ code: 'digest-mismatch', attempt, ...(reference && { reference }) });
  return { kind: 'unreadable', error };
}

/** Whoever has this address may read the layer, so it is in no error and no log. */
async function downloadUrl(
  access: EcrAccess,
  about: About,
  repository: string,
  digest: Digest,
  options: CallOptions,
): Promise<URL | undefined> {
  const input = { ...registryOf(access), repositoryName: repository, layerDigest: digest };
  const answer = await ask(access, about, options, async ({ patient }, sending) => {
    try {
      return await patient.send(new GetDownloadUrlForLayerCommand(input), sending);
    } catch (error) {
      if (GONE.has((error as { name?: unknown }).name)) return undefined;
      throw error;
    }
  });
  if (answer === undefined) return undefined;
  const url = URL.parse(answer.downloadUrl ?? '');
  if (url !== null) return url;
  const reason = 'ECR gave no address of the layer';
  throw new ArchweaveError({ code: 'registry-failed', attempt: about.attempt, reason });
}

function aboutReading(access: EcrAccess, operation: string, repository: string, digest: Digest): About {
  const name = nameOf(access, repository, digest);
  return { operation, attempt: `read ${name}`, reference: name, repository };
}

function gone({ attempt, reference }: About): ArchweaveError {
  const reason = 'there is no such blob, or no image refers to it';
  return new ArchweaveError({ code: 'not-found', attempt, reason, ...(reference && { reference }) });
}
