import type { BlobWriter, ManifestWriter } from '../registry/interfaces.ts';
import type { Sample } from './sample-image.ts';

/** Puts a sample and all that it refers to into a repository, leaves first, the sample itself under `tag`. */
export async function pushSample(
  registry: BlobWriter & ManifestWriter,
  repository: string,
  tag: string,
  sample: Sample,
  options?: { readonly signal?: AbortSignal },
): Promise<void> {
  for (const child of sample.children) {
    await pushSample(registry, repository, child.manifest.digest, child, options);
  }
  await Promise.all(
    sample.blobs.map(({ digest, bytes }) =>
      registry.writeBlob(
        repository,
        { digest, size: bytes.byteLength },
        offset => once(bytes.subarray(offset)),
        options,
      ),
    ),
  );
  await registry.writeManifest(repository, tag, sample.manifest, options);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
