import { ArchweaveError } from '../errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { CallOptions, Registry } from '../registry/interfaces.ts';

/** A repository of a registry. */
export interface Repository {
  readonly registry: Registry;
  readonly host: string;
  readonly repository: string;
}

/**
 * Copies a manifest and all it refers to, leaves first, by digest. Answers how many bytes the blobs have that were
 * not there before; those that the registry could take over from its other repository are not sent.
 */
export async function copyImage(
  from: Repository,
  to: Repository,
  manifest: Manifest,
  options: CallOptions = {},
): Promise<number> {
  const content = readManifestContent(manifest);
  let copied = 0;
  if (content.kind === 'index') {
    for (const { digest } of content.manifests) {
      copied += await copyImage(from, to, await readChild(from, digest, options), options);
    }
  } else {
    const blobs = new Map([content.config, ...content.layers].map(blob => [blob.digest, blob]));
    const sizes = await Promise.all([...blobs.values()].map(blob => copyBlob(from, to, blob, options)));
    copied = sizes.reduce((sum, size) => sum + size, 0);
  }
  await to.registry.writeManifest(to.repository, manifest.digest, manifest, options);
  return copied;
}

async function readChild({ registry, host, repository }: Repository, digest: Digest, options: CallOptions) {
  const reading = (await registry.readManifests(repository, [digest], options)).get(digest);
  if (reading?.kind === 'found') return reading.manifest;
  if (reading?.kind === 'unreadable') throw reading.error;
  throw new ArchweaveError({
    code: 'child-gone',
    attempt: `copy ${host}/${repository}@${digest}`,
    side: 'source',
    reference: `${host}/${repository}@${digest}`,
  });
}

async function copyBlob(
  from: Repository,
  to: Repository,
  { digest, size, urls }: Descriptor,
  options: CallOptions,
): Promise<number> {
  // A foreign layer is where its address says; registries do not hold it.
  if (urls !== undefined && urls.length > 0) return 0;
  if (from.host === to.host) {
    if (await to.registry.mountBlob(to.repository, digest, from.repository, options)) return 0;
  }
  const open = (offset: number) => from.registry.openBlob(from.repository, digest, { ...options, offset });
  await to.registry.writeBlob(to.repository, { digest, size }, open, options);
  return size;
}
