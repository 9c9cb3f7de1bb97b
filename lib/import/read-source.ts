import { ArchweaveError } from '../errors.ts';
import { isRunnable } from '../image/attachments.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import { readImageConfig } from '../image/image-config.ts';
import { isKnownPlatform, type Platform } from '../image/platform.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import type { CopySource } from './copy-ends.ts';
import { MOST_MANIFESTS, type ReadManifest, type Referrer, type SourceGraph } from './source-graph.ts';

/** Indexes in indexes in indexes: further down is nobody's image. */
const DEEPEST = 4;

/** A manifest by tag or digest. Throws `not-found`, or what makes it unreadable, with side `source`. */
export async function readRoot(
  source: CopySource,
  reference: string,
  options: CallOptions = {},
): Promise<ReadManifest> {
  const { registry, repository } = source;
  const reading = (await registry.readManifests(repository, [reference], options)).get(reference);
  if (reading?.kind === 'found') {
    return { manifest: reading.manifest, content: readManifestContent(reading.manifest) };
  }
  const name = nameOf(source, reference);
  if (reading?.kind === 'unreadable') throw reading.error.with({ side: 'source', reference: name });
  throw new ArchweaveError({
    code: 'not-found',
    attempt: `read ${name}`,
    side: 'source',
    reference: name,
    ...(isDigest(reference) && { reason: 'there is no such manifest' }),
  });
}

/**
 * All that an image consists of, level by level, each digest checked.
 *
 * What an index names and the source does not have is told in `missing`: whether that matters, the plan knows.
 * Throws `too-large` beyond a thousand manifests.
 */
export async function readSource(
  source: CopySource,
  root: ReadManifest,
  { onNamed, ...options }: ReadOptions = {},
): Promise<SourceGraph> {
  const manifests = new Map<Digest, ReadManifest>([[root.manifest.digest, root]]);
  const missing = new Map<Digest, string>();
  await readLevels({ source, manifests, missing, options, onNamed }, [root]);
  const platforms = await readPlatforms(source, root, manifests, options);
  return { root: root.manifest.digest, manifests, platforms, missing, referrers: [] };
}

/** The same graph with those of these that refer to its manifests, and what they consist of. */
export async function addReferrers(
  source: CopySource,
  graph: SourceGraph,
  listed: readonly Referrer[],
  options: CallOptions = {},
): Promise<SourceGraph> {
  const listing = new Set([...graph.manifests.keys(), ...listed.map(({ digest }) => digest)]);
  const found = listed.filter(({ of }) => listing.has(of));
  if (found.length === 0) return graph;
  const [manifests, missing] = [new Map(graph.manifests), new Map(graph.missing)];
  await readDigests(
    { source, manifests, missing, options },
    found.map(({ digest }) => digest),
  );
  // A list of referrers may be older than what it lists.
  const referrers = found.filter(({ digest }) => manifests.has(digest));
  return { ...graph, manifests, missing, referrers };
}

export interface ReadOptions extends CallOptions {
  /** Hears of manifests as soon as something names them, before they are read. */
  readonly onNamed?: ((digests: readonly Digest[]) => void) | undefined;
}

interface Reading extends Pick<ReadOptions, 'onNamed'> {
  readonly source: CopySource;
  readonly manifests: Map<Digest, ReadManifest>;
  readonly missing: Map<Digest, string>;
  readonly options: CallOptions;
}

async function readDigests(reading: Reading, digests: readonly Digest[]): Promise<void> {
  await readLevels(reading, await readLevel(reading, digests));
}

async function readLevels(reading: Reading, roots: readonly ReadManifest[]): Promise<void> {
  let level = roots;
  for (let depth = 0; level.length > 0; depth++) {
    const children = level.flatMap(({ content }) => (content.kind === 'index' ? content.manifests : []));
    if (depth === DEEPEST) {
      for (const { digest } of children) reading.missing.set(digest, 'it is nested too deep');
      return;
    }
    level = await readLevel(
      reading,
      children.map(({ digest }) => digest),
    );
  }
}

async function readLevel(
  { source, manifests, missing, options, onNamed }: Reading,
  digests: readonly Digest[],
): Promise<readonly ReadManifest[]> {
  const wanted = [...new Set(digests)].filter(digest => !manifests.has(digest));
  if (wanted.length === 0) return [];
  if (manifests.size + wanted.length > MOST_MANIFESTS) {
    const reason = `it consists of more than ${MOST_MANIFESTS} manifests`;
    throw new ArchweaveError({
      code: 'too-large',
      attempt: `read ${nameOf(source)}`,
      side: 'source',
      reason,
    });
  }
  onNamed?.(wanted);
  const readings = await source.registry.readManifests(source.repository, wanted, options);
  const found: ReadManifest[] = [];
  for (const digest of wanted) {
    const reading = readings.get(digest);
    if (reading?.kind === 'found') {
      const read = { manifest: reading.manifest, content: readManifestContent(reading.manifest) };
      manifests.set(digest, read);
      found.push(read);
    } else {
      missing.set(
        digest,
        reading?.kind === 'unreadable' ? reading.error.reason : 'the source does not have it',
      );
    }
  }
  return found;
}

/** What images run on of which no index says it. */
async function readPlatforms(
  { registry, repository }: CopySource,
  root: ReadManifest,
  manifests: ReadonlyMap<Digest, ReadManifest>,
  options: CallOptions,
): Promise<ReadonlyMap<Digest, Platform>> {
  const silent = new Map<Digest, Digest>();
  const note = (digest: Digest): void => {
    const content = manifests.get(digest)?.content;
    if (content?.kind === 'image') silent.set(digest, content.config.digest);
  };
  if (root.content.kind !== 'index') note(root.manifest.digest);
  for (const { content } of manifests.values()) {
    if (content.kind !== 'index') continue;
    for (const entry of content.manifests) {
      if (isRunnable(entry) && !isKnownPlatform(entry.platform)) note(entry.digest);
    }
  }
  const platforms = new Map<Digest, Platform>();
  if (silent.size === 0) return platforms;
  const readings = await registry.readBlobs(repository, [...new Set(silent.values())], options);
  for (const [digest, config] of silent) {
    const reading = readings.get(config);
    if (reading?.kind !== 'found') continue;
    const platform = platformIn(reading.bytes);
    if (platform !== undefined) platforms.set(digest, platform);
  }
  return platforms;
}

/** An image whose config says nothing usable is copied all the same; it is just of no platform. */
function platformIn(bytes: Uint8Array): Platform | undefined {
  try {
    return readImageConfig(bytes).platform;
  } catch {
    return undefined;
  }
}

function nameOf({ host, repository }: CopySource, reference?: string): string {
  if (reference === undefined) return `${host}/${repository}`;
  return `${host}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}
