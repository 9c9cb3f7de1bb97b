import type { Digest } from '../../lib/image/digest.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import type { Content } from './e2e-images.ts';

/** Pushes an image with its blobs through a registry's own interface; answers its digest. */
export async function pushToMemory(
  registry: Registry,
  repository: string,
  tag: string,
  { blobs, bytes, mediaType, digest }: Content,
): Promise<Digest> {
  for (const blob of blobs)
    await registry.writeBlob(
      repository,
      { digest: blob.digest as Digest, size: blob.bytes.length },
      async function* () {
        yield blob.bytes;
      },
    );
  await registry.writeManifest(repository, tag, { bytes, mediaType, digest: digest as Digest });
  return digest as Digest;
}
