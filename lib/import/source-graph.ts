import type { Digest } from '../image/digest.ts';
import type { Manifest, ManifestContent } from '../image/manifest.ts';
import type { Platform } from '../image/platform.ts';

export interface ReadManifest {
  readonly manifest: Manifest;
  readonly content: ManifestContent;
}

/** Something that refers to a manifest of the image: by its `subject`, or (cosign's way) by a tag of its digest. */
export interface Referrer {
  readonly digest: Digest;
  /** What it refers to. */
  readonly of: Digest;
  readonly artifactType?: string;
  /** The tag that links it, where there is no `subject`: `sha256-HEX.sig`. */
  readonly tag?: string;
}

/** What was read of an image at its source. */
export interface SourceGraph {
  readonly root: Digest;
  /** All that was read, the root too: indexes, images, attestations, referrers and what those consist of. */
  readonly manifests: ReadonlyMap<Digest, ReadManifest>;
  /** What an image runs on by its config, where no entry of an index says it. */
  readonly platforms: ReadonlyMap<Digest, Platform>;
  /** Entries of indexes that the source names and does not have, or has in a form that cannot be read. */
  readonly missing: ReadonlyMap<Digest, string>;
  readonly referrers: readonly Referrer[];
}

/** More than this is no image but an attack, or something that a person should look at. */
export const MOST_MANIFESTS = 1000;

/** The manifests that one consists of, itself included, each after those that it refers to. Missing ones are left out. */
export function closureOf(graph: Pick<SourceGraph, 'manifests'>, root: Digest): readonly Digest[] {
  const ordered = new Set<Digest>();
  const visit = (digest: Digest, above: ReadonlySet<Digest>): void => {
    const read = graph.manifests.get(digest);
    // A digest cannot contain itself; a registry that lies is not followed round and round.
    if (read === undefined || ordered.has(digest) || above.has(digest)) return;
    const { content } = read;
    if (content.kind === 'index') {
      const path = new Set([...above, digest]);
      for (const entry of content.manifests) visit(entry.digest, path);
    }
    ordered.add(digest);
  };
  visit(root, new Set());
  return [...ordered];
}
