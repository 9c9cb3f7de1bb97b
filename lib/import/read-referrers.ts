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

/** Looks for referrers while the image is still being read. */
export interface ReferrerSearch {
  /** Begins to look for what refers to these manifests. */
  look(digests: readonly Digest[]): void;
  /** All that was found, with referrers of referrers. Throws what the source failed with. */
  found(): Promise<readonly Referrer[]>;
}

/**
 * What refers to manifests at the source: by `subject` (the API, or the tag in its place) and by cosign's tags. They
 * never keep an image from being copied.
 */
export function searchReferrers(source: CopySource, options: CallOptions = {}): ReferrerSearch {
  const begun: Promise<readonly Referrer[]>[] = [];
  return {
    look(digests) {
      const looking = referrersOf(source, digests, options);
      // Told where it is waited for, if it ever is.
      looking.catch(() => {});
      begun.push(looking);
    },
    async found() {
      const found = new Map<string, Referrer>();
      let level = (await Promise.all(begun)).flat();
      for (let depth = 1; ; depth++) {
        const fresh = level.filter(({ digest, of }) => !found.has(`${digest} ${of}`));
        for (const referrer of fresh) found.set(`${referrer.digest} ${referrer.of}`, referrer);
        if (depth === DEEPEST || fresh.length === 0) return [...found.values()];
        level = await referrersOf(source, [...new Set(fresh.map(({ digest }) => digest))], options);
      }
    },
  };
}

async function referrersOf(
  source: CopySource,
  digests: readonly Digest[],
  options: CallOptions,
): Promise<Referrer[]> {
  const both = [listedFor(source, digests, options), taggedFor(source, digests, options)];
  return (await Promise.all(both)).flat();
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
