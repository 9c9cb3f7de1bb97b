import type { Digest } from '../../lib/image/digest.ts';
import type { BlobWriter, ManifestWriter } from '../../lib/registry/interfaces.ts';
import type { Content } from './e2e-images.ts';

/** Pushes content and all it refers to, leaves first. */
export async function pushContent(
  registry: BlobWriter & ManifestWriter,
  repository: string,
  reference: string,
  { bytes, digest, mediaType, blobs, children }: Content,
): Promise<void> {
  for (const blob of blobs) {
    const named = { digest: blob.digest as Digest, size: blob.bytes.length };
    await registry.writeBlob(repository, named, offset => from(blob.bytes, offset));
  }
  for (const child of children) await pushContent(registry, repository, child.digest, child);
  await registry.writeManifest(repository, reference, { bytes, mediaType, digest: digest as Digest });
}

async function* from(bytes: Buffer, offset: number) {
  yield bytes.subarray(offset);
}
