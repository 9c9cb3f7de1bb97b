import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { UploadState } from '../registry/interfaces.ts';
import type { ByteCount } from './progress.ts';
import type { ReadManifest } from './source-graph.ts';
import type { TargetState } from './target-state.ts';

export interface PlannedBlob {
  readonly digest: Digest;
  readonly size: number;
  /** Where an earlier run was cut off. */
  readonly at?: UploadState;
  /** What it is for: the digest of an image of the plan. */
  readonly of: readonly Digest[];
  /** Where a client would fetch it, if the source does not have it. */
  readonly urls?: readonly string[];
}

/** A layer that is left to its addresses. */
export interface ForeignLayer {
  readonly kind: 'foreign-layer';
  readonly digest: Digest;
  readonly size: number;
  readonly urls: readonly string[];
}

/** Layers that the specification asks not to push: whoever runs the image fetches them where `urls` says. */
const NOT_DISTRIBUTABLE =
  /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

export type BlobMap = Map<Digest, PlannedBlob>;

/** The blobs of these manifests, each once with the images it is for, and the layers that are left to their addresses. */
export function listBlobs(manifests: ReadonlyMap<Digest, ReadManifest>, closure: readonly Digest[]) {
  const blobs: BlobMap = new Map();
  const foreign: ForeignLayer[] = [];
  for (const of of closure) {
    const { content } = manifests.get(of)!;
    if (content.kind === 'index') continue;
    for (const blob of [content.config, ...content.layers]) {
      const { digest, size, urls = [] } = blob;
      if (isForeign(blob)) {
        if (!foreign.some(one => one.digest === digest)) {
          foreign.push({ kind: 'foreign-layer', digest, size, urls });
        }
        continue;
      }
      const known = blobs.get(digest);
      const users = known === undefined ? [of] : [...new Set([...known.of, of])];
      blobs.set(digest, { digest, size, of: users, ...(urls.length > 0 && { urls }) });
    }
  }
  return { blobs, foreign };
}

/** Whether registries neither hold nor take it. */
export function isForeign({ mediaType, urls = [] }: Descriptor): boolean {
  return NOT_DISTRIBUTABLE.test(mediaType) && urls.length > 0;
}

/** Those that the target lacks, the largest first. */
export function toSend(blobs: BlobMap, target: TargetState): readonly PlannedBlob[] {
  return [...blobs.values()]
    .filter(({ digest }) => !target.blobs.has(digest))
    .map(blob => {
      const at = target.uploads.get(blob.digest);
      return at === undefined ? blob : { ...blob, at };
    })
    .sort((a, b) => b.size - a.size || (a.digest < b.digest ? -1 : 1));
}

export function countBytes(blobs: readonly PlannedBlob[], target: TargetState): ByteCount {
  let [had, total] = [0, 0];
  for (const { digest, size } of blobs) {
    total += size;
    had += target.blobs.has(digest) ? size : Math.min(size, target.uploads.get(digest)?.offset ?? 0);
  }
  return { copied: 0, had, total };
}
