import { attachedTo, isRunnable } from '../image/attachments.ts';
import { buildIndex } from '../image/build-index.ts';
import type { Descriptor } from '../image/descriptor.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { isKnownPlatform, type Platform, samePlatform, satisfies } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { ReadManifest, SourceGraph } from './source-graph.ts';

/** On an index of some platforms only: the digest of the source's index that they are from. */
export const SOURCE_ANNOTATION = 'dev.archweave.source';

export interface PlatformImage {
  readonly platform: Platform;
  readonly digest: Digest;
}

export type ChosenRoot =
  | {
      readonly kind: 'chosen';
      /** What the target's tag is to hold: the source's own bytes, or a smaller index. */
      readonly root: ReadManifest;
      readonly images: readonly PlatformImage[];
      /** Platforms of the source that stay behind. */
      readonly behind: readonly PlatformImage[];
    }
  | {
      readonly kind: 'no-such-platform';
      readonly wanted: readonly Platform[];
      readonly there: readonly Platform[];
    };

interface Entry {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
  readonly attached: readonly Descriptor[];
}

/**
 * The source's root, or the index of those of its platforms that are wanted. Where `current`, what the target holds,
 * is such an index of the same source, its platforms stay: a smaller index grows and does not lose anything.
 */
export function chooseRoot(
  graph: SourceGraph,
  wanted: readonly Platform[] | undefined,
  current?: ReadManifest,
): ChosenRoot {
  const root = graph.manifests.get(graph.root)!;
  const entries = entriesOf(graph, root);
  const there = entries.map(({ platform }) => platform);
  const asked = wanted === undefined ? undefined : [...wanted, ...platformsAlready(graph, current)];
  const lacking = (wanted ?? []).filter(want => !there.some(have => satisfies(have, want)));
  if (lacking.length > 0) return { kind: 'no-such-platform', wanted: lacking, there };
  const isAsked = ({ platform }: Entry) => asked?.some(want => satisfies(platform, want)) ?? true;
  const chosen = entries.filter(isAsked);
  const behind = entries.filter(entry => !isAsked(entry)).map(imageOf);
  const whole = behind.length === 0 || root.content.kind !== 'index';
  return {
    kind: 'chosen',
    root: whole ? root : smallerIndex(root, graph.root, chosen),
    images: chosen.map(imageOf),
    behind,
  };
}

function imageOf({ platform, descriptor }: Entry): PlatformImage {
  return { platform, digest: descriptor.digest };
}

/** The images that clients may run, in the order of the source; those of indexes in it too, as entries of their own. */
function entriesOf(graph: SourceGraph, read: ReadManifest): readonly Entry[] {
  const { manifest, content } = read;
  if (content.kind !== 'index') {
    const platform = graph.platforms.get(manifest.digest);
    const { mediaType, digest, bytes } = manifest;
    if (content.kind !== 'image' || platform === undefined) return [];
    return [{ platform, descriptor: { mediaType, digest, size: bytes.length, platform }, attached: [] }];
  }
  return content.manifests.filter(isRunnable).flatMap(entry => {
    const inner = graph.manifests.get(entry.digest);
    if (inner?.content.kind === 'index') return entriesOf(graph, inner);
    const platform = isKnownPlatform(entry.platform) ? entry.platform : graph.platforms.get(entry.digest);
    if (platform === undefined) return [];
    const attached = content.manifests.filter(other => attachedTo(other) === entry.digest);
    return [{ platform, descriptor: { ...entry, platform }, attached }];
  });
}

function platformsAlready(graph: SourceGraph, current: ReadManifest | undefined): readonly Platform[] {
  if (current?.content.kind !== 'index') return [];
  if (sourceOf(current) !== graph.root) return [];
  return current.content.manifests.flatMap(({ platform }) => (isKnownPlatform(platform) ? [platform] : []));
}

/** An OCI index even where the source has a Docker list, which could not say where it is from. */
function smallerIndex(root: ReadManifest, source: Digest, chosen: readonly Entry[]): ReadManifest {
  const distinct = chosen.filter(
    ({ platform, descriptor }, at) =>
      at ===
      chosen.findIndex(
        other => other.descriptor.digest === descriptor.digest && samePlatform(other.platform, platform),
      ),
  );
  const manifest = buildIndex({
    children: distinct.map(({ descriptor, attached }) => ({ descriptor, attached })),
    format: 'oci',
    annotations: { ...root.content.annotations, [SOURCE_ANNOTATION]: source },
  });
  return { manifest, content: readManifestContent(manifest) };
}

/** The source that a smaller index says it is from. */
export function sourceOf(read: ReadManifest): Digest | undefined {
  const said = read.content.annotations[SOURCE_ANNOTATION];
  return said !== undefined && isDigest(said) ? said : undefined;
}
