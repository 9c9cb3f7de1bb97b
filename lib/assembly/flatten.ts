import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { attachedTo, isRunnable } from '../image/attachments.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import { readImageConfig } from '../image/image-config.ts';
import type { Manifest, ManifestContent } from '../image/manifest.ts';
import { isIndexType, isManifestType } from '../image/media-types.ts';
import { formatPlatform, isKnownPlatform, normalisePlatform, type Platform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { BlobReading, CallOptions } from '../registry/interfaces.ts';
import type { KnownConfig } from './config-cache.ts';
import type { MemberImage } from './observation.ts';
import type { Sights } from './world.ts';

/** How deep an index inside an index is followed. */
const DEPTH = 3;
/** How many manifests a level of one member may have: enough for any real image, too few to keep a pass busy. */
const BREADTH = 200;

export type Flattened =
  | { readonly kind: 'images'; readonly images: readonly MemberImage[] }
  | { readonly kind: 'unreadable'; readonly why: string; readonly quarantined?: boolean };

type Found = { readonly root: Digest; readonly entry: Descriptor; readonly content: ManifestContent };
type ImageContent = Extract<ManifestContent, { readonly config: Descriptor }>;
type Open = { readonly root: Digest; readonly entry: Descriptor; readonly image: ImageContent };

/**
 * The runnable images of each of some manifests, whatever they are wrapped in, with what their configs say.
 *
 * One batch read a level of nesting and one for all the configs that are not known yet. What cannot be understood
 * is an answer about that member alone (`unreadable`); a registry that does not answer is an error.
 */
export async function flatten(
  sights: Pick<Sights, 'registry' | 'configs'>,
  repository: string,
  roots: readonly Manifest[],
  options: CallOptions,
): Promise<ReadonlyMap<Digest, Flattened>> {
  const bad = new Map<Digest, string>();
  const quarantined = new Set<Digest>();
  const attached = new Map<Digest, Map<Digest, Descriptor>>();
  const images: Open[] = [];
  let level: Found[] = roots.flatMap(root => {
    const entry = { mediaType: root.mediaType, digest: root.digest, size: root.bytes.byteLength };
    return understand(root.digest, entry, root, bad);
  });

  for (let depth = 0; level.length > 0; depth++) {
    const children: { root: Digest; entry: Descriptor }[] = [];
    for (const { root, entry, content } of level) {
      if (content.kind !== 'index') {
        images.push({ root, entry, image: content });
        continue;
      }
      if (depth >= DEPTH) bad.set(root, `it is nested more than ${DEPTH} indexes deep`);
      for (const child of content.manifests) {
        const owner = attachedTo(child);
        if (owner !== undefined) attach(attached, owner, child);
        else if (isRunnable(child) && isManifestType(child.mediaType)) children.push({ root, entry: child });
      }
    }
    for (const { digest } of roots) {
      const count = children.reduce((sum, { root }) => sum + (root === digest ? 1 : 0), 0);
      if (count > BREADTH) bad.set(digest, `it has over ${BREADTH} images`);
    }
    level = await readLevel(
      sights,
      repository,
      children.filter(({ root }) => !bad.has(root)),
      { bad, quarantined },
      options,
    );
  }

  const configs = await readConfigs(sights, repository, images, bad, options);
  return new Map(
    roots.map((root): [Digest, Flattened] => {
      const why = bad.get(root.digest);
      if (why !== undefined) {
        const held = quarantined.has(root.digest) ? { quarantined: true } : {};
        return [root.digest, { kind: 'unreadable', why, ...held }];
      }
      const own = images.filter(image => image.root === root.digest);
      return [
        root.digest,
        { kind: 'images', images: own.flatMap(image => memberImage(image, configs, attached)) },
      ];
    }),
  );
}

async function readLevel(
  { registry }: Pick<Sights, 'registry'>,
  repository: string,
  children: readonly { root: Digest; entry: Descriptor }[],
  { bad, quarantined }: { readonly bad: Map<Digest, string>; readonly quarantined: Set<Digest> },
  options: CallOptions,
): Promise<Found[]> {
  if (children.length === 0) return [];
  const digests = [...new Set(children.map(({ entry }) => entry.digest))];
  const readings = await registry.readManifests(repository, digests, options);
  return children.flatMap(({ root, entry }) => {
    const reading = readings.get(entry.digest);
    if (reading?.kind === 'found') return understand(root, entry, reading.manifest, bad);
    if (reading?.kind === 'unreadable' && reading.error.code === 'quarantined') quarantined.add(root);
    bad.set(
      root,
      reading?.kind === 'unreadable' ? reading.error.reason : `its manifest ${entry.digest} is not there`,
    );
    return [];
  });
}

function understand(root: Digest, entry: Descriptor, manifest: Manifest, bad: Map<Digest, string>): Found[] {
  try {
    const content = readManifestContent(manifest);
    if (manifest.bytes.byteLength !== entry.size)
      throw lie(`its entry says ${entry.size} bytes, but it has ${manifest.bytes.byteLength}`);
    if (content.kind === 'artifact') throw lie('it is no image, but an artifact');
    if ((content.kind === 'index') !== isIndexType(entry.mediaType))
      throw lie(`it is called ${entry.mediaType}, but is ${manifest.mediaType}`);
    return [{ root, entry, content }];
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    bad.set(root, error.reason);
    return [];
  }
}

function lie(reason: string): ArchweaveError {
  return new ArchweaveError({ code: 'malformed', attempt: 'read a manifest', reason });
}

function attach(attached: Map<Digest, Map<Digest, Descriptor>>, owner: Digest, entry: Descriptor): void {
  const entries = attached.get(owner) ?? new Map<Digest, Descriptor>();
  entries.set(entry.digest, entry);
  attached.set(owner, entries);
}

async function readConfigs(
  { registry, configs }: Pick<Sights, 'registry' | 'configs'>,
  repository: string,
  images: readonly Open[],
  bad: Map<Digest, string>,
  options: CallOptions,
): Promise<ReadonlyMap<Digest, KnownConfig>> {
  const known = new Map<Digest, KnownConfig>();
  const missing = new Set<Digest>();
  for (const { image } of images) {
    const { digest } = image.config;
    const config = configs.get(digest);
    if (config === undefined) missing.add(digest);
    else known.set(digest, config);
  }
  const blobs =
    missing.size === 0
      ? new Map<Digest, BlobReading>()
      : await registry.readBlobs(repository, [...missing], options);
  for (const { root, entry, image } of images) {
    const { digest } = image.config;
    try {
      const config = known.get(digest) ?? readConfig(digest, blobs.get(digest));
      known.set(digest, config);
      configs.set(digest, config);
      // A config that is known says nothing of this entry, which may be another image's or lie.
      compareWithConfig(config, entry, image);
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      bad.set(root, error.reason);
    }
  }
  return known;
}

function readConfig(digest: Digest, blob: BlobReading | undefined): KnownConfig {
  if (blob?.kind === 'unreadable') throw blob.error;
  if (blob?.kind !== 'found') throw lie(`its config ${digest} is not there`);
  return { ...readImageConfig(blob.bytes), size: blob.bytes.byteLength };
}

function compareWithConfig(
  { platform, size }: KnownConfig,
  { platform: called }: Descriptor,
  { config }: ImageContent,
): void {
  if (config.size !== size) throw lie(`it says its config has ${config.size} bytes, but that has ${size}`);
  if (called && isKnownPlatform(called) && otherMachine(platform, called))
    throw lie(`its index calls ${formatPlatform(called)} what is ${formatPlatform(platform)}`);
}

function otherMachine(config: Platform, entry: Platform): boolean {
  const [a, b] = [normalisePlatform(config), normalisePlatform(entry)];
  return a.os !== b.os || a.architecture !== b.architecture;
}

function memberImage(
  { entry, image }: Open,
  configs: ReadonlyMap<Digest, KnownConfig>,
  attached: ReadonlyMap<Digest, ReadonlyMap<Digest, Descriptor>>,
): MemberImage[] {
  const config = configs.get(image.config.digest);
  if (config === undefined) return [];
  const platform: Platform =
    entry.platform && isKnownPlatform(entry.platform) ? entry.platform : config.platform;
  return [
    {
      descriptor: { ...entry, platform },
      labels: config.labels,
      ...(config.created === undefined ? {} : { created: config.created }),
      annotations: image.annotations,
      attached: [...(attached.get(entry.digest)?.values() ?? [])],
    },
  ];
}
