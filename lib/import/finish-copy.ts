import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { type Digest, isDigest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { isIndexType } from '../image/media-types.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { HeldReason } from './copy-outcome.ts';
import { inParallel } from './in-parallel.ts';
import type { CopyWork } from './plan.ts';
import { verifyCopy } from './verify.ts';

const AT_ONCE = 8;

export type Finished =
  | { readonly kind: 'done'; readonly tags: readonly string[] }
  /** The source's tag holds another image by now: that one is to be planned. */
  | { readonly kind: 'moved' }
  | { readonly kind: 'held'; readonly reason: HeldReason };

export interface FinishOptions extends CallOptions {
  /** Runs once the image is there by its digest and before any tag points to it. */
  readonly beforeTags?: () => Promise<void>;
  readonly onPhase?: (phase: 'writing' | 'verifying') => void;
}

/**
 * Writes the manifests of a plan whose blobs are there, the tag last and only if the source's tag still holds what
 * was copied, and looks at both ends once more.
 *
 * Throws `child-gone` where the target lacks what was there a moment ago.
 */
export async function finishCopy(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  { beforeTags, onPhase, ...options }: FinishOptions = {},
): Promise<Finished> {
  onPhase?.('writing');
  await writeLeaves(plan, target, beforeTags !== undefined, options);
  await beforeTags?.();
  const obstacle = await lookBefore(plan, source, target, options);
  if (obstacle !== undefined) return obstacle;
  const held = await writeTags(plan, target, options);
  if (held !== undefined) return held;
  onPhase?.('verifying');
  return lookAfter(plan, source, target, options);
}

/** By digest, what is referred to first. What a tag is written for anyway is written once, with its tag. */
async function writeLeaves(
  plan: CopyWork,
  { registry, repository }: CopyTarget,
  rootToo: boolean,
  options: CallOptions,
): Promise<void> {
  const tagged = new Set(rootToo ? [] : plan.tags.map(({ manifest }) => manifest.digest));
  const write = (manifest: Manifest, more: CallOptions) =>
    registry.writeManifest(repository, manifest.digest, manifest, more);
  const leaves = plan.manifests.filter(
    ({ mediaType, digest }) => !isIndexType(mediaType) && !tagged.has(digest),
  );
  await inParallel(leaves, { atOnce: AT_ONCE, signal: options.signal }, (manifest, signal) =>
    write(manifest, { signal }),
  );
  for (const manifest of plan.manifests.filter(({ mediaType }) => isIndexType(mediaType))) {
    await write(manifest, options);
  }
  if (rootToo || plan.request.tag === undefined) await write(plan.root, options);
}

async function lookBefore(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  options: CallOptions,
): Promise<Finished | undefined> {
  const { tag } = plan.request;
  const [now, held] = await Promise.all([
    sourceNow(plan, source, options),
    tag === undefined || plan.before === undefined ? plan.before : tagNow(target, tag, options),
  ]);
  if (now === undefined) return { kind: 'held', reason: { code: 'source-removed' } };
  if (now !== plan.source) return { kind: 'moved' };
  if (tag === undefined || plan.before === undefined || held !== undefined) return undefined;
  return { kind: 'held', reason: { code: 'target-removed', tag, held: plan.before } };
}

async function writeTags(
  { tags }: CopyWork,
  { registry, repository }: CopyTarget,
  options: CallOptions,
): Promise<Finished | undefined> {
  for (const { tag, manifest } of tags) {
    try {
      await registry.writeManifest(repository, tag, manifest, options);
    } catch (error) {
      if (!isArchweaveError(error) || error.code !== 'immutable-tag') throw error;
      return { kind: 'held', reason: { code: 'immutable-tag', tag } };
    }
  }
  return undefined;
}

async function lookAfter(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  options: CallOptions,
): Promise<Finished> {
  const tags = plan.tags.map(({ tag, manifest }) => ({ tag, digest: manifest.digest }));
  const written = tags.length > 0 ? tags : [{ digest: plan.root.digest }];
  const [verdict, now] = await Promise.all([
    verifyCopy(target, written, options),
    sourceNow(plan, source, options),
  ]);
  // Taken away after it was copied: deletions are not copied.
  if (now !== undefined && now !== plan.source) return { kind: 'moved' };
  switch (verdict.kind) {
    case 'verified':
      return { kind: 'done', tags: tags.map(({ tag }) => tag) };
    case 'overwritten':
      return { kind: 'held', reason: { code: 'overwritten', tag: verdict.tag, holds: verdict.holds } };
    case 'gone': {
      const { reference } = verdict;
      if (!isDigest(reference)) {
        const held = tags.find(({ tag }) => tag === reference)!.digest;
        return { kind: 'held', reason: { code: 'target-removed', tag: reference, held } };
      }
      throw new ArchweaveError({
        code: 'registry-failed',
        attempt: `verify ${target.host}/${target.repository}@${reference}`,
        side: 'target',
        reason: 'the registry took it and does not have it',
      });
    }
  }
}

async function sourceNow(
  { request: { reference }, source }: CopyWork,
  { registry, repository }: CopySource,
  options: CallOptions,
): Promise<Digest | undefined> {
  if (isDigest(reference)) return source;
  return (await registry.resolveReferences(repository, [reference], options)).get(reference);
}

async function tagNow(
  { registry, repository }: CopyTarget,
  tag: string,
  options: CallOptions,
): Promise<Digest | undefined> {
  return (await registry.resolveReferences(repository, [tag], options)).get(tag);
}
