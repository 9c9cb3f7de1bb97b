import { randomBytes } from 'node:crypto';
import type { Descriptor } from '../../lib/image/descriptor.ts';
import { type Digest, digestOf } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../lib/image/media-types.ts';
import { parsePlatform } from '../../lib/image/platform.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';

const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** A blob or manifest with all that has to be there before it. */
export interface Piece {
  readonly manifest: Manifest;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  readonly children: readonly Piece[];
}

/** An image of one platform with random layers of these sizes, in bytes. */
export function layeredImage(platformText: string, sizes: readonly number[], more: object = {}): Piece {
  const { os, architecture, variant } = parsePlatform(platformText)!;
  const layers = sizes.map(size => new Uint8Array(randomBytes(size)));
  const rootfs = { type: 'layers', diff_ids: layers.map(layer => digestOf(layer)) };
  const id = randomBytes(8).toString('hex');
  const config = Buffer.from(JSON.stringify({ os, architecture, variant, rootfs, id }));
  const manifest = manifestOf(OCI_MANIFEST, {
    config: blobEntry(OCI_CONFIG, config),
    layers: layers.map(layer => blobEntry(OCI_LAYER, layer)),
    ...more,
  });
  const blobs = [config, ...layers].map(bytes => [digestOf(bytes), new Uint8Array(bytes)] as const);
  return { manifest, blobs: new Map(blobs), children: [] };
}

/** Something with a subject: a signature, an SBOM. */
export function referrerOf(subject: Manifest, artifactType: string, text: string): Piece {
  const empty = Buffer.from('{}');
  const layer = Buffer.from(text);
  const manifest = manifestOf(OCI_MANIFEST, {
    artifactType,
    config: blobEntry('application/vnd.oci.empty.v1+json', empty),
    layers: [blobEntry('text/plain', layer)],
    subject: entryOf(subject),
  });
  const blobs = [empty, layer].map(bytes => [digestOf(bytes), new Uint8Array(bytes)] as const);
  return { manifest, blobs: new Map(blobs), children: [] };
}

export function indexOfPlatforms(images: Readonly<Record<string, Piece>>, more: object = {}): Piece {
  const manifests = Object.entries(images).map(([platform, { manifest }]) => ({
    ...entryOf(manifest),
    platform: parsePlatform(platform)!,
  }));
  const manifest = manifestOf(OCI_INDEX, { manifests, ...more });
  return { manifest, blobs: new Map(), children: Object.values(images) };
}

/** Puts it there, leaves first, under a tag or by its digest. */
export async function pushPiece(
  registry: Registry,
  repository: string,
  reference: string | undefined,
  { manifest, blobs, children }: Piece,
): Promise<void> {
  for (const [digest, bytes] of blobs) {
    await registry.writeBlob(repository, { digest, size: bytes.length }, async function* (offset) {
      yield bytes.subarray(offset);
    });
  }
  for (const child of children) await pushPiece(registry, repository, undefined, child);
  await registry.writeManifest(repository, reference ?? manifest.digest, manifest);
}

export function entryOf({ bytes, digest, mediaType }: Manifest): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

function manifestOf(mediaType: string, value: object): Manifest {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value })));
  return { bytes, digest: digestOf(bytes), mediaType };
}

function blobEntry(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
