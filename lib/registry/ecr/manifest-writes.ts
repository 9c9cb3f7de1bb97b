import { BatchDeleteImageCommand, DescribeImagesCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { isDigest, parseDigest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import { MAX_MANIFEST_BYTES } from '../../image/read-manifest.ts';
import type { CallOptions } from '../interfaces.ts';
import { type About, ask, type EcrAccess, nameOf, registryOf } from './access.ts';

/**
 * `ManifestWriter.writeManifest`, by PutImage. Under a tag it is sent once, whatever the answer is: even one that
 * was throttled is for the caller to decide on, since every PutImage is taken from ten a second that a whole account
 * shares.
 */
export async function writeManifest(
  access: EcrAccess,
  repository: string,
  reference: string,
  manifest: Manifest,
  options: CallOptions = {},
): Promise<void> {
  const name = nameOf(access, repository, reference);
  const about = { operation: 'PutImage', attempt: `write ${name}`, reference: name, repository };
  const byDigest = isDigest(reference);
  const imageDigest = byDigest ? reference : manifest.digest;
  if (parseDigest(reference)?.algorithm === 'sha512') throw refused(about, 'ECR knows sha256 only');
  const input = {
    ...registryOf(access),
    repositoryName: repository,
    imageManifest: textOf(manifest.bytes, about),
    imageManifestMediaType: manifest.mediaType,
    ...(byDigest ? {} : { imageTag: reference }),
    // ECR then checks what it received.
    ...(imageDigest.startsWith('sha256:') && { imageDigest }),
  };
  const answer = await ask(access, about, options, async (clients, sending) => {
    const client = byDigest ? clients.patient : clients.once;
    try {
      return await client.send(new PutImageCommand(input), sending);
    } catch (error) {
      // It is there already, under this very tag: what was wanted.
      if ((error as { name?: unknown }).name === 'ImageAlreadyExistsException') return undefined;
      throw error;
    }
  });
  const stored = answer?.image?.imageId?.imageDigest;
  if (stored === undefined || stored === imageDigest || !imageDigest.startsWith('sha256:')) return;
  const reason = 'the registry stored other bytes than it was sent';
  throw new ArchweaveError({
    code: 'digest-mismatch',
    ...factsOf(about),
    reason,
    where: 'PutImage -> 200',
  });
}

/**
 * `ManifestDeleter.deleteManifest`, by BatchDeleteImage.
 *
 * ECR deletes an image with its last tag. That is more than was asked for, so the last tag is `unsupported`: whoever
 * means the image deletes it by digest. An image that an index of its repository lists is `unsupported` too.
 */
export async function deleteManifest(
  access: EcrAccess,
  repository: string,
  reference: string,
  options: CallOptions = {},
): Promise<void> {
  const name = nameOf(access, repository, reference);
  const about = { operation: 'BatchDeleteImage', attempt: `delete ${name}`, reference: name, repository };
  try {
    if (!isDigest(reference) && (await isLastTag(access, reference, about, options)))
      throw refused(about, 'it is the only tag of its image, which ECR would delete with it', name);
    const imageIds = [isDigest(reference) ? { imageDigest: reference } : { imageTag: reference }];
    const input = { ...registryOf(access), repositoryName: repository, imageIds };
    const { failures = [] } = await ask(access, about, options, ({ once }, sending) =>
      once.send(new BatchDeleteImageCommand(input), sending),
    );
    for (const { failureCode, failureReason = '' } of failures) {
      if (failureCode === 'ImageNotFound') continue;
      if (failureCode === 'ImageReferencedByManifestList')
        throw refused(about, 'an index of the repository lists it');
      const reason = `the registry refuses it (${failureCode}: ${failureReason})`;
      throw new ArchweaveError({ code: 'registry-failed', ...factsOf(about), reason });
    }
  } catch (error) {
    if (isArchweaveError(error) && (error.code === 'no-repository' || error.code === 'not-found')) return;
    throw error;
  }
}

async function isLastTag(access: EcrAccess, tag: string, about: About, options: CallOptions) {
  const input = {
    ...registryOf(access),
    repositoryName: about.repository!,
    imageIds: [{ imageTag: tag }],
  };
  const asking = { ...about, operation: 'DescribeImages' };
  const answer = await ask(access, asking, options, async ({ patient }, sending) => {
    try {
      return await patient.send(new DescribeImagesCommand(input), sending);
    } catch (error) {
      if ((error as { name?: unknown }).name === 'ImageNotFoundException') return undefined;
      throw error;
    }
  });
  return answer?.imageDetails?.some(({ imageTags = [] }) => imageTags.length < 2) === true;
}

/** ECR takes manifests as text; the very bytes have to come out of it again. */
function textOf(bytes: Uint8Array, about: About): string {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    const reason = `it has ${bytes.length} bytes, more than ${MAX_MANIFEST_BYTES}`;
    throw new ArchweaveError({ code: 'too-large', ...factsOf(about), reason });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ArchweaveError({ code: 'malformed', ...factsOf(about), reason: 'it is no UTF-8 text', cause });
  }
}

function refused(about: About, reason: string, byDigest?: string): ArchweaveError {
  const next = byDigest && `${byDigest.replace(/:[^/:]*$/, '')}@DIGEST deletes the image itself`;
  return new ArchweaveError({ code: 'unsupported', ...factsOf(about), reason, ...(next && { next }) });
}

function factsOf({ attempt, reference }: About) {
  return { attempt, ...(reference !== undefined && { reference }) };
}
