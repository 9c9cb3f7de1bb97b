import { isArchweaveError } from '../errors.ts';
import type { CallOptions } from '../registry/interfaces.ts';
import { type BlobsOptions, copyBlobs } from './copy-blobs.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { Dropped } from './copy-outcome.ts';
import type { PlannedReferrer } from './plan.ts';

/**
 * Copies signatures, SBOMs and the like, one after the other. What the target does not take is answered with its
 * reason and never keeps the image back; only an interruption is thrown.
 */
export async function copyReferrers(
  referrers: readonly PlannedReferrer[],
  source: CopySource,
  target: CopyTarget,
  options: BlobsOptions,
): Promise<readonly Dropped[]> {
  const dropped: Dropped[] = [];
  for (const referrer of referrers) {
    try {
      await copyBlobs(referrer.blobs, source, target, options);
      await writeReferrer(referrer, target, options.signal ? { signal: options.signal } : {});
    } catch (error) {
      if (!isArchweaveError(error) || error.code === 'interrupted') throw error;
      const { digest, artifactType } = referrer;
      const { code, reason } = error;
      dropped.push({ digest, ...(artifactType !== undefined && { artifactType }), code, reason });
    }
  }
  return dropped;
}

async function writeReferrer(
  { manifests, digest, tag }: PlannedReferrer,
  { registry, repository }: CopyTarget,
  options: CallOptions,
): Promise<void> {
  for (const manifest of manifests) {
    const reference = manifest.digest === digest && tag !== undefined ? tag : manifest.digest;
    await registry.writeManifest(repository, reference, manifest, options);
  }
}
