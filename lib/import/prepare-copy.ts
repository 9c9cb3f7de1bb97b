import { isArchweaveError } from '../errors.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import { isAsAsked } from './as-asked.ts';
import { chooseRoot, type PlatformImage } from './chosen-root.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyRequest } from './copy-request.ts';
import { type CopyPlan, planCopy } from './plan.ts';
import { searchReferrers } from './read-referrers.ts';
import { addReferrers, readRoot, readSource } from './read-source.ts';
import { readCurrent, readTarget } from './read-target.ts';
import type { SourceGraph } from './source-graph.ts';
import { splitTags } from './split-tags.ts';
import { NOTHING_THERE, type TargetState } from './target-state.ts';
import type { UploadNotes } from './upload-notes.ts';

export interface PrepareOptions extends CallOptions {
  readonly notes?: UploadNotes;
  /** Asks for each manifest and blob, since the target was found not to keep together what belongs together. */
  readonly thorough?: boolean;
}

/**
 * Reads both ends and plans. Where the target's tag holds what the source's does, that is all that is asked: two
 * requests, which count as no pull.
 *
 * Throws `not-found` where the source has no such tag, and what the registries fail with.
 */
export async function prepareCopy(
  request: CopyRequest,
  source: CopySource,
  target: CopyTarget,
  { notes, thorough = false, ...options }: PrepareOptions = {},
): Promise<CopyPlan> {
  const { reference, tag, split, platforms } = request;
  const [resolved, current] = await Promise.all([
    resolveSource(source, reference, options),
    tag === undefined ? undefined : readCurrent(target, tag, options),
  ]);
  if (
    resolved !== undefined &&
    split === undefined &&
    !thorough &&
    current &&
    isAsAsked(current, resolved, platforms)
  ) {
    return { kind: 'unchanged', request, digest: current.manifest.digest };
  }
  const stop = new AbortController();
  const { signal } = options;
  const search = searchReferrers(source, {
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
  });
  const look = request.referrers ? search.look : undefined;
  try {
    // What is to be asked about a manifest is asked while it is read: over a distance that is half of the wait.
    if (resolved !== undefined) look?.([resolved]);
    const root = await readRoot(source, resolved ?? reference, options);
    const image = await readSource(source, root, { ...options, onNamed: look });
    const chosen = chooseRoot(image, platforms, current);
    const tags = [
      ...(tag === undefined ? [] : [tag]),
      ...(chosen.kind === 'chosen' ? splitNames(request, chosen.images) : []),
    ];
    const looking = { ...options, thorough, ...(notes && { notes }) };
    const [state, graph] = await Promise.all([
      readTarget(target, image, current, { ...looking, tags }),
      search.found().then(found => addReferrers(source, image, found, options)),
    ]);
    if (graph === image) return planCopy(request, image, state);
    // A target that does not let them be looked for will not take them: that is told then, and is no failure.
    const more = await readTarget(target, without(graph, image), current, { ...looking, tags: [] }).catch(
      error => {
        if (!isArchweaveError(error) || error.retryable || error.code === 'interrupted') throw error;
        return NOTHING_THERE;
      },
    );
    return planCopy(request, graph, both(state, more));
  } finally {
    stop.abort();
  }
}

/** What was added to a graph. */
function without(graph: SourceGraph, image: SourceGraph): SourceGraph {
  const manifests = [...graph.manifests].filter(([digest]) => !image.manifests.has(digest));
  return { ...graph, manifests: new Map(manifests) };
}

function both(one: TargetState, other: TargetState): TargetState {
  return {
    ...one,
    tags: new Map([...one.tags, ...other.tags]),
    manifests: new Set([...one.manifests, ...other.manifests]),
    blobs: new Set([...one.blobs, ...other.blobs]),
    uploads: new Map([...one.uploads, ...other.uploads]),
  };
}

/** What the source's reference is now; the digest itself where that is what was asked for. */
async function resolveSource(
  { registry, repository }: CopySource,
  reference: string,
  options: CallOptions,
): Promise<Digest | undefined> {
  if (isDigest(reference)) return reference;
  return (await registry.resolveReferences(repository, [reference], options)).get(reference);
}

function splitNames({ split, tag }: CopyRequest, images: readonly PlatformImage[]): readonly string[] {
  if (split === undefined || tag === undefined) return [];
  const made = splitTags(
    split,
    tag,
    images.map(({ platform }) => platform),
  );
  return made.kind === 'tags' ? made.tags : [];
}
