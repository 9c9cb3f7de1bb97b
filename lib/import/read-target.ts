import type { Digest } from '../image/digest.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { CallOptions, UploadState } from '../registry/interfaces.ts';
import type { CopyTarget } from './copy-ends.ts';
import { inParallel } from './in-parallel.ts';
import { isForeign } from './planned-blobs.ts';
import { closureOf, type ReadManifest, type SourceGraph } from './source-graph.ts';
import type { TargetState } from './target-state.ts';
import type { UploadNotes } from './upload-notes.ts';

const AT_ONCE = 32;

/** What the target's tag holds, undefined where it is absent or cannot be read: then it will be written anew. */
export async function readCurrent(
  { registry, repository }: CopyTarget,
  tag: string,
  options: CallOptions = {},
): Promise<ReadManifest | undefined> {
  const reading = (await registry.readManifests(repository, [tag], options)).get(tag);
  if (reading?.kind !== 'found') return undefined;
  try {
    return { manifest: reading.manifest, content: readManifestContent(reading.manifest) };
  } catch {
    return undefined;
  }
}

/**
 * What the target has of a source: manifests, then the blobs of those that it lacks. A registry keeps no manifest
 * without what that refers to, so nothing under one that is there is asked for.
 */
export async function readTarget(
  target: CopyTarget,
  graph: SourceGraph,
  current: ReadManifest | undefined,
  {
    tags,
    notes,
    thorough = false,
    ...options
  }: CallOptions & {
    readonly tags: readonly string[];
    readonly notes?: UploadNotes;
    readonly thorough?: boolean;
  },
): Promise<TargetState> {
  const linked = graph.referrers.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
  const known = thorough ? new Set<Digest>() : knownFrom(graph, current);
  const asked = [...graph.manifests.keys()].filter(digest => !known.has(digest));
  const names = [...new Set([...tags, ...linked])];
  const { registry, repository } = target;
  const resolving = registry.resolveReferences(repository, [...asked, ...names], options);
  // To a tag that is new all is likely to be, so nothing is to be learnt first from which manifests are there.
  const early =
    current === undefined
      ? await findBlobs(target, blobsOf(graph), { ...options, notes }, resolving)
      : undefined;
  const resolved = await resolving;
  const manifests = new Set([...known, ...asked.filter(digest => resolved.get(digest) !== undefined)]);
  const covered = new Set(thorough ? [] : blobsOf(graph, manifests));
  const wanted = blobsOf(graph).filter(digest => !covered.has(digest));
  const found = early ?? (await findBlobs(target, wanted, { ...options, notes }));
  return {
    tags: new Map(names.map(tag => [tag, resolved.get(tag)] as const)),
    ...(current && { current }),
    manifests,
    blobs: new Set([...covered, ...found.blobs]),
    uploads: new Map([...found.uploads].filter(([digest]) => !covered.has(digest))),
  };
}

/** The blobs of the images of a graph, or of those of them that are named. */
function blobsOf(graph: SourceGraph, images?: ReadonlySet<Digest>): readonly Digest[] {
  const blobs = [...graph.manifests].flatMap(([digest, { content }]) => {
    if (content.kind === 'index' || images?.has(digest) === false) return [];
    return [content.config, ...content.layers].filter(blob => !isForeign(blob)).map(blob => blob.digest);
  });
  return [...new Set(blobs)];
}

type Found = Pick<TargetState, 'blobs' | 'uploads'>;

/** Which blobs are there, and which were begun. What fails elsewhere meanwhile ends it. */
async function findBlobs(
  target: CopyTarget,
  digests: readonly Digest[],
  { notes, signal }: CallOptions & { readonly notes?: UploadNotes | undefined },
  meanwhile?: Promise<unknown>,
): Promise<Found> {
  const { registry, repository } = target;
  const blobs = new Set<Digest>();
  const uploads = new Map<Digest, UploadState>();
  const finding = inParallel(digests, { atOnce: AT_ONCE, signal }, async (digest, either) => {
    const size = await registry.statBlob(repository, digest, { signal: either });
    if (size !== undefined) return blobs.add(digest);
    const begun = await findUpload(target, digest, notes, either);
    return begun && uploads.set(digest, begun);
  });
  await Promise.all([finding, meanwhile]);
  return { blobs, uploads };
}

/** Manifests of the source that the target's own image has too. */
function knownFrom(graph: SourceGraph, current: ReadManifest | undefined): ReadonlySet<Digest> {
  if (current === undefined) return new Set();
  const { manifest, content } = current;
  const listed = content.kind === 'index' ? content.manifests.map(({ digest }) => digest) : [];
  const shared = [manifest.digest, ...listed].filter(digest => graph.manifests.has(digest));
  return new Set(shared.flatMap(digest => closureOf(graph, digest)));
}

async function findUpload(
  { registry, host, repository }: CopyTarget,
  digest: Digest,
  notes: UploadNotes | undefined,
  signal: AbortSignal,
): Promise<UploadState | undefined> {
  const noted = await notes?.read({ host, repository, digest });
  if (noted === undefined || registry.findUpload === undefined) return undefined;
  return registry.findUpload(repository, noted, { signal });
}
