import type { Manifest } from '../../lib/image/manifest.ts';
import type { AssemblyRegistry, CallOptions } from '../../lib/registry/interfaces.ts';
import type { MemoryRegistry } from '../../lib/registry/memory.ts';
import type { EcrQuotas, QuotaName } from './ecr-quotas.ts';

/** Milliseconds that answers of ECR take in the Region itself. */
const LATENCY: Readonly<Record<QuotaName, number>> = {
  BatchGetImage: 60,
  // With the GET of the layer from its store.
  GetDownloadUrlForLayer: 90,
  PutImage: 120,
};
const A_BATCH = 100;

/** ECR under load: a registry whose calls take time and have a rate. `wrote` hears of each write that was taken. */
export function loadedRegistry(
  registry: MemoryRegistry,
  {
    sleep,
    quotas,
    host,
    wrote,
  }: {
    readonly sleep: (milliseconds: number) => Promise<void>;
    readonly quotas: EcrQuotas;
    readonly host: string;
    readonly wrote: (repository: string, reference: string, manifest: Manifest) => void;
  },
): AssemblyRegistry {
  const call = async <T>(name: QuotaName, calls: number, answer: () => Promise<T>): Promise<T> => {
    await sleep(LATENCY[name] / 2);
    quotas.take(name, { attempt: `ask ${host}`, host }, calls);
    const given = await answer();
    await sleep(LATENCY[name] / 2);
    return given;
  };
  const batches = (references: readonly string[]) => Math.ceil(references.length / A_BATCH);
  return {
    readManifests: (repository, references, options) =>
      call('BatchGetImage', batches(references), () =>
        registry.readManifests(repository, references, options),
      ),
    resolveReferences: (repository, references, options) =>
      call('BatchGetImage', batches(references), () =>
        registry.resolveReferences(repository, references, options),
      ),
    readBlobs: (repository, digests, options) =>
      call('GetDownloadUrlForLayer', digests.length, () => registry.readBlobs(repository, digests, options)),
    statBlob: (...given) => registry.statBlob(...given),
    openBlob: (...given) => registry.openBlob(...given),
    listTags: (repository: string, options?: CallOptions) => registry.listTags(repository, options),
    // A repository's setting is asked for once and remembered.
    immutableTags: (repository, tags, options) => registry.immutableTags(repository, tags, options),
    writeManifest: (repository, reference, manifest, options) =>
      call('PutImage', 1, async () => {
        await registry.writeManifest(repository, reference, manifest, options);
        wrote(repository, reference, manifest);
      }),
  };
}
