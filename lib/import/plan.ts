import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import type { Platform } from '../image/platform.ts';
import { chooseRoot, type PlatformImage } from './chosen-root.ts';
import type { CopyRequest } from './copy-request.ts';
import {
  type BlobMap,
  countBytes,
  type ForeignLayer,
  listBlobs,
  type PlannedBlob,
  toSend,
} from './planned-blobs.ts';
import type { ByteCount } from './progress.ts';
import { closureOf, type ReadManifest, type Referrer, type SourceGraph } from './source-graph.ts';
import { splitTags } from './split-tags.ts';
import type { TargetState } from './target-state.ts';

export interface PlannedImage extends ByteCount {
  readonly digest: Digest;
  /** What is none of a platform has none: attestations, artifacts. */
  readonly platform?: Platform;
}

export interface PlannedReferrer extends Referrer {
  /** Its manifests that the target does not have, each after what it refers to. */
  readonly manifests: readonly Manifest[];
  readonly blobs: readonly PlannedBlob[];
  readonly bytes: ByteCount;
}

/** What stays behind, and why. */
export type LeftOut =
  | { readonly kind: 'platform'; readonly platform: Platform; readonly digest: Digest }
  /** It is about the whole index, of which only a part is copied. */
  | { readonly kind: 'referrer'; readonly digest: Digest; readonly artifactType?: string }
  | ForeignLayer;

export type PlanRefusal =
  | {
      readonly reason: 'no-such-platform';
      readonly wanted: readonly Platform[];
      readonly there: readonly Platform[];
    }
  | { readonly reason: 'incomplete-source'; readonly digest: Digest; readonly why: string }
  | { readonly reason: 'too-many-blobs'; readonly count: number; readonly most: number }
  | { readonly reason: 'bad-split'; readonly why: string };

export interface CopyWork {
  readonly kind: 'copy';
  readonly request: CopyRequest;
  /** What the request's reference was when it was read; the copy is of this and no later one. */
  readonly source: Digest;
  readonly root: Manifest;
  /** Manifests to write by digest before the root, each after what it refers to. */
  readonly manifests: readonly Manifest[];
  /** Blobs to send, the largest first. */
  readonly blobs: readonly PlannedBlob[];
  /** Tags to write, the image's own last; those that are right already are not here. */
  readonly tags: readonly { readonly tag: string; readonly manifest: Manifest }[];
  readonly images: readonly PlannedImage[];
  /** All blobs of the image, referrers' not counted. */
  readonly bytes: ByteCount;
  readonly referrers: readonly PlannedReferrer[];
  readonly leftOut: readonly LeftOut[];
  /** What the target's tag held, to see whether a person takes it away meanwhile. */
  readonly before: Digest | undefined;
}

export type CopyPlan =
  | CopyWork
  | { readonly kind: 'unchanged'; readonly request: CopyRequest; readonly digest: Digest }
  | { readonly kind: 'refused'; readonly request: CopyRequest; readonly refusal: PlanRefusal };

/** More than this fits no reasonable image; what is planned has to be held in memory. */
const MOST_BLOBS = 20_000;

/** From what was read of both ends to what is to be done. */
export function planCopy(request: CopyRequest, graph: SourceGraph, target: TargetState): CopyPlan {
  const refused = (refusal: PlanRefusal): CopyPlan => ({ kind: 'refused', request, refusal });
  const chosen = chooseRoot(graph, request.platforms, target.current);
  if (chosen.kind === 'no-such-platform') {
    return refused({ reason: chosen.kind, wanted: chosen.wanted, there: chosen.there });
  }
  const { root, images, behind } = chosen;
  const split = tagsOfImages(request, images);
  if (split.kind === 'wrong') return refused({ reason: 'bad-split', why: split.reason });
  const manifests = new Map([...graph.manifests, [root.manifest.digest, root]]);
  const closure = closureOf({ manifests }, root.manifest.digest);
  const missing = missingOf(graph, manifests, closure);
  if (missing !== undefined) return refused({ reason: 'incomplete-source', ...missing });
  const lists = listBlobs(manifests, closure);
  if (lists.blobs.size > MOST_BLOBS) {
    return refused({ reason: 'too-many-blobs', count: lists.blobs.size, most: MOST_BLOBS });
  }
  const referrers = planReferrers(graph, target, new Set(closure), lists.blobs);
  const tags = [
    ...split.tags.map(({ tag, digest }) => ({ tag, manifest: manifests.get(digest)!.manifest })),
    ...(request.tag === undefined ? [] : [{ tag: request.tag, manifest: root.manifest }]),
  ].filter(({ tag, manifest }) => target.tags.get(tag) !== manifest.digest);
  const absent = closure.filter(digest => !target.manifests.has(digest));
  if (tags.length === 0 && absent.length === 0 && referrers.every(isThere)) {
    return { kind: 'unchanged', request, digest: root.manifest.digest };
  }
  return {
    kind: 'copy',
    request,
    source: graph.root,
    root: root.manifest,
    manifests: absent
      .filter(digest => digest !== root.manifest.digest)
      .map(digest => manifests.get(digest)!.manifest),
    blobs: toSend(lists.blobs, target),
    tags,
    images: countImages(manifests, closure, images, lists.blobs, target),
    bytes: countBytes([...lists.blobs.values()], target),
    referrers: referrers.filter(referrer => !isThere(referrer)),
    leftOut: [
      ...behind.map(({ platform, digest }) => ({ kind: 'platform' as const, platform, digest })),
      ...lists.foreign,
      ...referrersBehind(graph, root.manifest.digest),
    ],
    before: request.tag === undefined ? undefined : target.tags.get(request.tag),
  };
}

/** The tags that a request writes, the image's own last. */
function tagsOfImages(request: CopyRequest, images: readonly PlatformImage[]) {
  const { split, tag } = request;
  const none = { kind: 'tags' as const, tags: [] as readonly { tag: string; digest: Digest }[] };
  if (split === undefined) return none;
  if (tag === undefined) {
    return { kind: 'wrong' as const, reason: 'an image without a tag has none to split' };
  }
  const made = splitTags(
    split,
    tag,
    images.map(({ platform }) => platform),
  );
  if (made.kind === 'wrong') return made;
  return { ...none, tags: made.tags.map((one, at) => ({ tag: one, digest: images[at]!.digest })) };
}

function missingOf(
  graph: SourceGraph,
  manifests: ReadonlyMap<Digest, ReadManifest>,
  closure: readonly Digest[],
): { readonly digest: Digest; readonly why: string } | undefined {
  for (const digest of closure) {
    const { content } = manifests.get(digest)!;
    if (content.kind !== 'index') continue;
    const gone = content.manifests.find(entry => !manifests.has(entry.digest));
    if (gone) return { digest: gone.digest, why: graph.missing.get(gone.digest) ?? 'it was not read' };
  }
  return undefined;
}

function countImages(
  manifests: ReadonlyMap<Digest, ReadManifest>,
  closure: readonly Digest[],
  images: readonly PlatformImage[],
  blobs: BlobMap,
  target: TargetState,
): readonly PlannedImage[] {
  return closure
    .filter(digest => manifests.get(digest)!.content.kind !== 'index')
    .map(digest => {
      const platform = images.find(image => image.digest === digest)?.platform;
      const own = [...blobs.values()].filter(({ of }) => of.includes(digest));
      return { digest, ...(platform && { platform }), ...countBytes(own, target) };
    });
}

function isThere({ manifests, blobs }: PlannedReferrer): boolean {
  return manifests.length === 0 && blobs.length === 0;
}

function planReferrers(
  graph: SourceGraph,
  target: TargetState,
  copied: ReadonlySet<Digest>,
  images: BlobMap,
): readonly PlannedReferrer[] {
  const wanted = new Set(copied);
  // An attestation may be both an entry of the index and a referrer of its image.
  const listed = graph.referrers.filter(({ digest }) => !copied.has(digest));
  const planned: PlannedReferrer[] = [];
  const seen = new Set(images.keys());
  // A referrer may be referred to itself (the signature of an SBOM), so those that belong are found one by one.
  for (let grew = true; grew; ) {
    grew = false;
    for (const referrer of listed) {
      if (
        !wanted.has(referrer.of) ||
        planned.some(({ digest, tag }) => digest === referrer.digest && tag === referrer.tag)
      )
        continue;
      grew = true;
      wanted.add(referrer.digest);
      const closure = closureOf(graph, referrer.digest);
      const { blobs } = listBlobs(graph.manifests, closure);
      const own = [...blobs.values()].filter(({ digest }) => !seen.has(digest));
      for (const { digest } of own) seen.add(digest);
      const linked = referrer.tag === undefined || target.tags.get(referrer.tag) === referrer.digest;
      const absent = closure.filter(
        digest => !target.manifests.has(digest) || (digest === referrer.digest && !linked),
      );
      const bytes = countBytes(own, target);
      const sent = toSend(new Map(own.map(blob => [blob.digest, blob])), target);
      const manifests = absent.map(digest => graph.manifests.get(digest)!.manifest);
      planned.push({ ...referrer, manifests, blobs: sent, bytes });
    }
  }
  return planned;
}

function referrersBehind(graph: SourceGraph, root: Digest): readonly LeftOut[] {
  if (root === graph.root) return [];
  return graph.referrers
    .filter(({ of }) => of === graph.root)
    .map(({ digest, artifactType }) => ({
      kind: 'referrer',
      digest,
      ...(artifactType !== undefined && { artifactType }),
    }));
}
