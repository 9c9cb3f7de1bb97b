import { attachedTo, isRunnable } from '../image/attachments.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import { type ImageConfig, readImageConfig } from '../image/image-config.ts';
import type { Manifest, ManifestContent } from '../image/manifest.ts';
import { isIndexType } from '../image/media-types.ts';
import type { Platform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { BlobReader, CallOptions, ManifestReader } from '../registry/interfaces.ts';

/** One runnable image of an index, or the image itself. */
export interface ImageView {
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
  /** As the index or, where it says nothing, the image's config says it. */
  readonly platform: Platform | undefined;
  /** Bytes to pull: config and layers. Undefined where the manifest is not there or cannot be read. */
  readonly imageSize: number | undefined;
  readonly config: ImageConfig | undefined;
  /** What is attested of it: `provenance`, `sbom` and the like. */
  readonly attestations: readonly string[];
}

export interface ManifestView {
  readonly kind: ManifestContent['kind'];
  readonly annotations: Readonly<Record<string, string>>;
  readonly images: readonly ImageView[];
}

type Reader = ManifestReader & Pick<BlobReader, 'readBlobs'>;

/** Deeper than any index in use; what lies below is not shown. */
const DEEPEST = 3;

/** Looks into an image or index: two round trips, however many images an index has. */
export async function lookAtImage(
  registry: Reader,
  repository: string,
  manifest: Manifest,
  options: CallOptions = {},
): Promise<ManifestView> {
  const content = readManifestContent(manifest);
  const { kind, annotations } = content;
  if (content.kind !== 'index') {
    const itself = {
      mediaType: manifest.mediaType,
      digest: manifest.digest,
      size: manifest.bytes.byteLength,
    };
    const images = await viewsOf(registry, repository, [{ entry: itself, attested: [], manifest }], options);
    return { kind, annotations, images: kind === 'artifact' ? [] : images };
  }
  const children = await childrenOf(registry, repository, content.manifests, options);
  return { kind, annotations, images: await viewsOf(registry, repository, children, options) };
}

interface Child {
  readonly entry: Descriptor;
  readonly manifest: Manifest | undefined;
  /** Manifests of its attestations. */
  readonly attested: readonly (Manifest | undefined)[];
}

async function childrenOf(
  registry: Reader,
  repository: string,
  entries: readonly Descriptor[],
  options: CallOptions,
  depth = 1,
): Promise<readonly Child[]> {
  const runnable = entries.filter(isRunnable);
  const attached = entries.filter(entry => attachedTo(entry) !== undefined);
  const digests = [...new Set([...runnable, ...attached].map(({ digest }) => digest))];
  const readings = await registry.readManifests(repository, digests, options);
  const found = (digest: Digest): Manifest | undefined => {
    const reading = readings.get(digest);
    return reading?.kind === 'found' ? reading.manifest : undefined;
  };
  const children: Child[] = [];
  for (const entry of runnable) {
    const manifest = found(entry.digest);
    const content = manifest && isIndexType(manifest.mediaType) ? readManifestContent(manifest) : undefined;
    if (content?.kind === 'index' && depth < DEEPEST) {
      children.push(...(await childrenOf(registry, repository, content.manifests, options, depth + 1)));
      continue;
    }
    const attested = attached
      .filter(one => attachedTo(one) === entry.digest)
      .map(({ digest }) => found(digest));
    children.push({ entry, manifest, attested });
  }
  return children;
}

async function viewsOf(
  registry: Reader,
  repository: string,
  children: readonly Child[],
  options: CallOptions,
): Promise<readonly ImageView[]> {
  const contents = children.map(({ manifest }) => imageContent(manifest));
  const digests = contents.flatMap(content => (content === undefined ? [] : [content.config.digest]));
  const blobs = await registry.readBlobs(repository, [...new Set(digests)], options);
  return children.map(({ entry, attested }, position) => {
    const content = contents[position];
    const blob = content && blobs.get(content.config.digest);
    const config =
      blob?.kind === 'found' && content?.kind === 'image' ? tryReadConfig(blob.bytes) : undefined;
    const { mediaType, digest, size } = entry;
    return {
      descriptor: { mediaType, digest, size },
      platform: entry.platform ?? config?.platform,
      imageSize: content && [content.config, ...content.layers].reduce((sum, part) => sum + part.size, 0),
      config,
      attestations: [...new Set(attested.flatMap(attestationNames))],
    };
  });
}

function imageContent(manifest: Manifest | undefined) {
  if (manifest === undefined) return undefined;
  const content = readManifestContent(manifest);
  return content.kind === 'index' ? undefined : content;
}

/** A config that cannot be understood hides what it says, and nothing else of the image. */
function tryReadConfig(bytes: Uint8Array): ImageConfig | undefined {
  try {
    return readImageConfig(bytes);
  } catch {
    return undefined;
  }
}

function attestationNames(manifest: Manifest | undefined): readonly string[] {
  const layers = imageContent(manifest)?.layers ?? [];
  return layers.length === 0 ? ['attestation'] : layers.map(layer => attestationName(layer));
}

function attestationName({ annotations = {} }: Descriptor): string {
  const predicate = annotations['in-toto.io/predicate-type'] ?? '';
  if (predicate.includes('slsa.dev/provenance')) return 'provenance';
  if (/spdx|cyclonedx/i.test(predicate)) return 'sbom';
  return 'attestation';
}
