import { type Digest, isDigest } from '../image/digest.ts';
import type { AssemblyRegistry, BlobReading, CallOptions, Reading } from './interfaces.ts';
import type { HeldTag } from './read-tags.ts';

/** What looking needs of a registry. */
export type GatheredRegistry = Pick<
  AssemblyRegistry,
  'readManifests' | 'resolveReferences' | 'readBlobs' | 'listTags'
> &
  Partial<Pick<AssemblyRegistry, 'immutableTags'>>;

/**
 * A view of one repository for looking at much of it at once: what its groups ask for in the same turn goes out as
 * one call, each thing once, and what its listing has told already is not asked for at all.
 *
 * It shows the tags that `listed` has, so it is for plans: whoever writes looks at the registry itself.
 */
export function gatherReads(
  registry: GatheredRegistry,
  repository: string,
  listed: ReadonlyMap<string, HeldTag>,
  options: CallOptions = {},
): GatheredRegistry {
  const isThere = (reference: string) => isDigest(reference) || listed.has(reference);
  const manifests = gather((references: readonly string[]) =>
    registry.readManifests(repository, references, options),
  );
  const blobs = gather((digests: readonly Digest[]) => registry.readBlobs(repository, digests, options));
  const immutable = gather(async (tags: readonly string[]) => {
    const fixed = (await registry.immutableTags?.(repository, tags, options)) ?? new Set<string>();
    return new Map(tags.map(tag => [tag, fixed.has(tag)]));
  });
  return {
    async readManifests(_repository, references) {
      const found = await manifests(references.filter(isThere));
      return new Map(
        references.map(reference => [reference, found.get(reference) ?? ({ kind: 'absent' } as Reading)]),
      );
    },
    async resolveReferences(_repository, references) {
      const digests = references.filter(reference => isDigest(reference));
      const known =
        digests.length === 0
          ? new Map<string, Digest | undefined>()
          : await registry.resolveReferences(repository, digests, options);
      return new Map(
        references.map(reference => [reference, listed.get(reference)?.digest ?? known.get(reference)]),
      );
    },
    async readBlobs(_repository, digests) {
      return (await blobs(digests)) as ReadonlyMap<Digest, BlobReading>;
    },
    async *listTags() {
      yield [...listed].map(([tag, held]) => ({ tag, ...held }));
    },
    async immutableTags(_repository, tags) {
      const fixed = await immutable(tags);
      return new Set(tags.filter(tag => fixed.get(tag) === true));
    },
  };
}

/** Calls of one turn of the event loop become one; each answers with the whole of what was found. */
function gather<K, V>(
  ask: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): (keys: readonly K[]) => Promise<ReadonlyMap<K, V>> {
  let wanted: Set<K> | undefined;
  let answer: Promise<ReadonlyMap<K, V>> | undefined;
  return async keys => {
    if (keys.length === 0) return new Map();
    if (wanted === undefined || answer === undefined) {
      const all = new Set<K>();
      wanted = all;
      answer = new Promise(resolve => setImmediate(resolve)).then(() => {
        wanted = undefined;
        return ask([...all]);
      });
    }
    for (const key of keys) wanted.add(key);
    return answer;
  };
}
