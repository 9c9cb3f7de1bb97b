import { isArchweaveError } from '../errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import type { CopySource } from './copy-ends.ts';
import { inParallel } from './in-parallel.ts';
import type { Referrer } from './source-graph.ts';

const AT_ONCE = 16;

/** How cosign calls what it attaches where it does not use `subject`. */
const COSIGN = ['sig', 'att', 'sbom'] as const;

/** Referrers of referrers (a signature of an SBOM) are looked for this often. */
const DEEPEST = 2;

/**
 * What refers to these manifests at the source: by `subject` (the API, or the tag in its place) and by cosign's tags.
 * They never keep an image from being copied.
 */
export async function readReferrers(
  source: CopySource,
  digests: readonly Digest[],
  options: CallOptions = {},
): Promise<readonly Referrer[]> {
  const found = new Map<string, Referrer>();
  let level = digests;
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const [listed, tagged] = await Promise.all([
      listedFor(source, level, options),
      taggedFor(source, level, options),
    ]);
    const fresh = [...listed, ...tagged].filter(({ digest, of }) => !found.has(`${digest} ${of}`));
    for (const referrer of fresh) found.set(`${referrer.digest} ${referrer.of}`, referrer);
    level = [...new Set(fresh.map(({ digest }) => digest))];
  }
  return [...found.values()];
}

async function listedFor(
  { registry, repository }: CopySource,
  digests: readonly Digest[],
  options: CallOptions,
): Promise<readonly Referrer[]> {
  const lists = await inParallel(digests, { atOnce: AT_ONCE, signal: options.signal }, async (of, signal) => {
    const listed = await registry.listReferrers(repository, of, { signal }).catch(noneIfRefused);
    return listed.map(
      ({ digest, artifactType }): Referrer => ({
        digest,
        of,
        ...(artifactType !== undefined && { artifactType }),
      }),
    );
  });
  return lists.flat();
}

async function taggedFor(
  { registry, repository }: CopySource,
  digests: readonly Digest[],
  options: CallOptions,
): Promise<readonly Referrer[]> {
  const tags = digests.flatMap(of =>
    COSIGN.map(kind => ({ of, tag: `${of.replace(':', '-').slice(0, 120)}.${kind}` })),
  );
  const resolved = await registry.resolveReferences(
    repository,
    tags.map(({ tag }) => tag),
    options,
  );
  return tags.flatMap(({ of, tag }) => {
    const digest = resolved.get(tag);
    return digest === undefined ? [] : [{ digest, of, tag }];
  });
}

/** A source that does not answer the question has no referrers; one that cannot answer now is asked again. */
function noneIfRefused(error: unknown): readonly Descriptor[] {
  if (!isArchweaveError(error) || error.retryable || error.code === 'interrupted') throw error;
  return [];
}
