import { BatchGetImageCommand, type Image, type ImageFailure } from '@aws-sdk/client-ecr';
import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { type Digest, isDigest, matchesDigest } from '../../image/digest.ts';
import { isManifestType, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST } from '../../image/media-types.ts';
import { MAX_MANIFEST_BYTES } from '../../image/read-manifest.ts';
import type { CallOptions, Reading } from '../interfaces.ts';
import { looseManifest } from '../loose-manifest.ts';
import { inParallel } from '../oci/in-parallel.ts';
import { ask, type EcrAccess, nameOf, registryOf } from './access.ts';

/** What BatchGetImage takes. */
const A_BATCH = 100;
const ABSENT: Reading = { kind: 'absent' };

/** `ManifestReader.readManifests`: by BatchGetImage, a hundred a call. */
export async function readManifests(
  access: EcrAccess,
  repository: string,
  references: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, Reading>> {
  const unique = [...new Set(references)];
  // ECR names everything by sha256, so that there is nothing by another digest.
  const possible = unique.filter(reference => !isDigest(reference) || reference.startsWith('sha256:'));
  const batches: string[][] = [];
  for (let at = 0; at < possible.length; at += A_BATCH) batches.push(possible.slice(at, at + A_BATCH));
  const answers = await inParallel(batches, options.signal, (batch, signal) =>
    readBatch(access, repository, batch, signal ? { signal } : {}),
  );
  const readings = new Map(answers.flatMap(answer => [...answer]));
  return new Map(unique.map(reference => [reference, readings.get(reference) ?? ABSENT]));
}

/** `ManifestReader.resolveReferences`: the same call, since the one that reads nothing is refused sooner. */
export async function resolveReferences(
  access: EcrAccess,
  repository: string,
  references: readonly string[],
  options: CallOptions = {},
): Promise<ReadonlyMap<string, Digest | undefined>> {
  const readings = await readManifests(access, repository, references, options);
  const digests = new Map<string, Digest | undefined>();
  for (const [reference, reading] of readings) {
    if (reading.kind === 'unreadable') throw reading.error;
    digests.set(reference, reading.kind === 'found' ? reading.manifest.digest : undefined);
  }
  return digests;
}

async function readBatch(
  access: EcrAccess,
  repository: string,
  batch: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, Reading>> {
  const readings = await readOnce(access, repository, batch, options);
  const left = batch.filter(reference => !readings.has(reference));
  if (left.length === 0) return readings;
  if (batch.length === 1) throw unanswered(access, repository, batch[0]!);
  // Nothing says that one image asked for by two names is answered twice; alone each has its answer.
  const alone = await inParallel(left, options.signal, (reference, signal) =>
    readBatch(access, repository, [reference], signal ? { signal } : {}),
  );
  return new Map([...readings, ...alone.flatMap(answer => [...answer])]);
}

async function readOnce(
  access: EcrAccess,
  repository: string,
  batch: readonly string[],
  options: CallOptions,
): Promise<Map<string, Reading>> {
  const name = nameOf(access, repository, batch.length === 1 ? batch[0] : undefined);
  const about = { operation: 'BatchGetImage', attempt: `read ${name}`, reference: name, repository };
  const imageIds = batch.map(reference =>
    isDigest(reference) ? { imageDigest: reference } : { imageTag: reference },
  );
  const input = { ...registryOf(access), repositoryName: repository, imageIds };
  const acceptedMediaTypes = [...MANIFEST_TYPES];
  const answer = await ask(access, about, options, ({ patient }, sending) =>
    patient.send(new BatchGetImageCommand({ ...input, acceptedMediaTypes }), sending),
  ).catch(error => {
    if (isArchweaveError(error) && error.code === 'no-repository') return undefined;
    throw error;
  });
  if (answer === undefined) return new Map(batch.map(reference => [reference, ABSENT]));
  const wanted = new Set(batch);
  const readings = new Map<string, Reading>();
  for (const image of answer.images ?? []) {
    const { imageTag = '', imageDigest = '' } = image.imageId ?? {};
    for (const reference of [imageTag, imageDigest])
      if (wanted.has(reference)) readings.set(reference, readingOf(image, access, repository, reference));
  }
  for (const failure of answer.failures ?? []) {
    const reference = failure.imageId?.imageTag ?? failure.imageId?.imageDigest ?? '';
    if (wanted.has(reference) && !readings.has(reference))
      readings.set(reference, failed(failure, access, repository, reference));
  }
  return readings;
}

function readingOf(image: Image, access: EcrAccess, repository: string, reference: string): Reading {
  const { imageId, imageManifest = '', imageManifestMediaType: said = '' } = image;
  const name = nameOf(access, repository, reference);
  const unreadable = (code: 'digest-mismatch' | 'malformed' | 'too-large', reason?: string): Reading => {
    const facts = { code, attempt: `read ${name}`, reference: name, where: 'BatchGetImage -> 200' };
    return { kind: 'unreadable', error: new ArchweaveError({ ...facts, ...(reason && { reason }) }) };
  };
  const bytes = new TextEncoder().encode(imageManifest);
  const digest = imageId?.imageDigest ?? '';
  if (bytes.length > MAX_MANIFEST_BYTES) return unreadable('too-large');
  if (!isDigest(digest) || !matchesDigest(bytes, digest)) return unreadable('digest-mismatch');
  const content = looseManifest(bytes);
  if (content === undefined) return unreadable('malformed', 'it is no JSON object');
  const { mediaType: own } = content;
  if (own !== undefined && said !== '' && isManifestType(said) && own !== said)
    return unreadable('malformed', `it was sent as ${said} and says that it is something else`);
  const mediaType = said || own || (content.manifests ? OCI_INDEX : OCI_MANIFEST);
  return { kind: 'found', manifest: { bytes, digest, mediaType } };
}

/** What ECR says in place of an image, in an answer that is otherwise good. Some of it is no answer about the image. */
function failed(
  { failureCode, failureReason = '' }: ImageFailure,
  access: EcrAccess,
  repository: string,
  reference: string,
): Reading {
  const name = nameOf(access, repository, reference);
  const facts = {
    attempt: `read ${name}`,
    reference: name,
    where: `BatchGetImage -> 200 ${failureCode ?? 'no code'}`,
  };
  switch (failureCode) {
    case 'ImageNotFound':
    case 'InvalidImageTag':
    case 'InvalidImageDigest':
      return ABSENT;
    case 'ImageInaccessible': {
      const next = `aws ecr update-image-storage-class --target-storage-class STANDARD --repository-name ${repository}`;
      return { kind: 'unreadable', error: new ArchweaveError({ code: 'archived', ...facts, next }) };
    }
    case 'KmsError': {
      const reason = `the repository's encryption key cannot be used (${failureReason})`;
      throw new ArchweaveError({ code: 'forbidden', ...facts, reason });
    }
    case 'UpstreamAccessDenied': {
      const reason = `the registry that ECR caches does not let ECR in (${failureReason})`;
      throw new ArchweaveError({ code: 'forbidden', ...facts, reason });
    }
    case 'UpstreamTooManyRequests':
      throw new ArchweaveError({ code: 'throttled', ...facts, retryable: true });
    default: {
      const reason = `the registry failed: ${failureReason || failureCode || 'it does not say how'}`;
      throw new ArchweaveError({ code: 'registry-failed', ...facts, reason, retryable: true });
    }
  }
}

function unanswered(access: EcrAccess, repository: string, reference: string): ArchweaveError {
  const name = nameOf(access, repository, reference);
  const reason = 'ECR answered, but not about this image';
  return new ArchweaveError({
    code: 'registry-failed',
    attempt: `read ${name}`,
    reference: name,
    reason,
    retryable: true,
  });
}
