import type { Digest } from '../../lib/image/digest.ts';
import { readManifestContent } from '../../lib/image/read-manifest.ts';
import type { ReadManifest, SourceGraph } from '../../lib/import/source-graph.ts';
import { indexOfPlatforms, layeredImage, type Piece } from './layered-image.ts';

/** A piece with those that it consists of, itself last. */
export function allOf(piece: Piece): readonly Piece[] {
  return [...piece.children.flatMap(allOf), piece];
}

/** What is read of an image at its source, with what refers to it. */
export function graphOf(root: Piece, ...referrers: readonly Piece[]): SourceGraph {
  const manifests = new Map<Digest, ReadManifest>();
  for (const { manifest } of [root, ...referrers].flatMap(allOf)) {
    manifests.set(manifest.digest, { manifest, content: readManifestContent(manifest) });
  }
  return {
    root: root.manifest.digest,
    manifests,
    platforms: new Map(),
    missing: new Map(),
    referrers: referrers.map(({ manifest }) => ({
      digest: manifest.digest,
      of: readManifestContent(manifest).subject!.digest,
      artifactType: 'example/signature',
    })),
  };
}

/** An index of these platforms, two small layers each. */
export function multi(...platforms: readonly string[]): Piece {
  return indexOfPlatforms(
    Object.fromEntries(platforms.map((text, at) => [text, layeredImage(text, [10 + at, 20])])),
  );
}
