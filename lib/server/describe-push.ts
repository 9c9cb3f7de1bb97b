import { isRunnable } from '../image/attachments.ts';
import type { Digest } from '../image/digest.ts';
import { readImageConfig } from '../image/image-config.ts';
import { formatPlatform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { BlobReader, ManifestReader } from '../registry/interfaces.ts';

/**
 * The platforms of what was pushed, for the log: from the image's config, or from the entries of an index. None for
 * what is no image or cannot be read; a log is no place to fail.
 */
export async function platformsOf(
  registry: Pick<ManifestReader, 'readManifests'> & Pick<BlobReader, 'readBlobs'>,
  repository: string,
  digest: Digest,
): Promise<readonly string[]> {
  try {
    const reading = (await registry.readManifests(repository, [digest])).get(digest);
    if (reading?.kind !== 'found') return [];
    const content = readManifestContent(reading.manifest);
    if (content.kind === 'index') {
      return content.manifests
        .filter(isRunnable)
        .flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
    }
    if (content.kind !== 'image') return [];
    const blob = (await registry.readBlobs(repository, [content.config.digest])).get(content.config.digest);
    return blob?.kind === 'found' ? [formatPlatform(readImageConfig(blob.bytes).platform)] : [];
  } catch {
    return [];
  }
}
