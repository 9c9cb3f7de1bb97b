import { isArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import { isDigest } from '../image/digest.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';

/** A registry during one pass, and what was asked of it and seen in it. */
export interface WatchedRegistry {
  readonly registry: AssemblyRegistry;
  readonly counts: { readonly reads: number; readonly writes: number; readonly throttled: number };
  /** What a tag held when it was last seen in this pass; undefined where it was absent, or not looked at. */
  held(tag: string): Digest | undefined;
  /** The media type of what was written under this digest. */
  mediaTypeOf(digest: Digest): string | undefined;
}

/** Watches the calls of a pass, which all are about one repository. A page of a listing counts as one read. */
export function watchRegistry(registry: AssemblyRegistry): WatchedRegistry {
  const counts = { reads: 0, writes: 0, throttled: 0 };
  const tags = new Map<string, Digest>();
  const written = new Map<Digest, string>();
  const see = (reference: string, digest: Digest | undefined) => {
    if (isDigest(reference)) return;
    if (digest === undefined) tags.delete(reference);
    else tags.set(reference, digest);
  };
  const watch = async <T>(what: 'reads' | 'writes', call: () => Promise<T>): Promise<T> => {
    counts[what] += 1;
    try {
      return await call();
    } catch (error) {
      if (isArchweaveError(error) && error.code === 'throttled') counts.throttled += 1;
      throw error;
    }
  };

  return {
    counts,
    held: tag => tags.get(tag),
    mediaTypeOf: digest => written.get(digest),
    registry: {
      readManifests: (repository, references, options) =>
        watch('reads', async () => {
          const readings = await registry.readManifests(repository, references, options);
          for (const [reference, reading] of readings)
            see(reference, reading.kind === 'found' ? reading.manifest.digest : undefined);
          return readings;
        }),
      resolveReferences: (repository, references, options) =>
        watch('reads', async () => {
          const digests = await registry.resolveReferences(repository, references, options);
          for (const [reference, digest] of digests) see(reference, digest);
          return digests;
        }),
      readBlobs: (...call) => watch('reads', () => registry.readBlobs(...call)),
      statBlob: (...call) => watch('reads', () => registry.statBlob(...call)),
      openBlob: (...call) => watch('reads', () => registry.openBlob(...call)),
      async *listTags(repository, options) {
        for await (const page of registry.listTags(repository, options)) {
          counts.reads += 1;
          yield page;
        }
      },
      ...(registry.immutableTags && {
        immutableTags: (...call: Parameters<NonNullable<AssemblyRegistry['immutableTags']>>) =>
          watch('reads', () => registry.immutableTags!(...call)),
      }),
      writeManifest: (repository, reference, manifest, options) =>
        watch('writes', async () => {
          await registry.writeManifest(repository, reference, manifest, options);
          see(reference, manifest.digest);
          written.set(manifest.digest, manifest.mediaType);
        }),
    },
  };
}
