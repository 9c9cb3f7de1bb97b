import type { Digest } from '../image/digest.ts';
import { readManifestContent } from '../image/read-manifest.ts';
import type { CallOptions, UploadState } from '../registry/interfaces.ts';
import type { CopyTarget } from './copy-ends.ts';
import { inParallel } from './in-parallel.ts';
import { isForeign } from './plan.ts';
import { closureOf, type ReadManifest, type SourceGraph } from './source-graph.ts';
import type { TargetState } from './target-state.ts';
import type { UploadNotes } from './upload-notes.ts';

const AT_ONCE = 16;

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
  const resolved = await registry.resolveReferences(repository, [...asked, ...names], options);
  const manifests = new Set([...known, ...asked.filter(digest => resolved.get(digest) !== undefined)]);
  const there = new Set<Digest>();
  const wanted = new Set<Digest>();
  for (const [digest, { content }] of graph.manifests) {
    if (content.kind === 'index') continue;
    for (const blob of [content.config, ...content.layers]) {
      if (manifests.has(digest) && !thorough) there.add(blob.digest);
      else if (!isForeign(blob)) wanted.add(blob.digest);
    }
  }
  const unknown = [...wanted].filter(digest => !there.has(digest));
  const uploads = new Map<Digest, UploadState>();
  await inParallel(unknown, { atOnce: AT_ONCE, signal: options.signal }, async (digest, signal) => {
    if ((await registry.statBlob(repository, digest, { signal })) !== undefined) there.add(digest);
    else {
      const begun = await findUpload(target, digest, notes, signal);
      if (begun !== undefined) uploads.set(digest, begun);
    }
  });
  const held = names.map(tag => [tag, resolved.get(tag)] as const);
  return { tags: new Map(held), ...(current && { current }), manifests, blobs: there, uploads };
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
