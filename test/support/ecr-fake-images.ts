import { isArchweaveError } from '../../lib/errors.ts';
import { digestOf } from '../../lib/image/digest.ts';
import { isIndexType } from '../../lib/image/media-types.ts';
import { isImmutable } from '../../lib/registry/ecr/mutability.ts';
import { looseManifest } from '../../lib/registry/loose-manifest.ts';
import {
  checkIds,
  EcrFault,
  type EcrInput,
  type EcrWorld,
  type FakeImage,
  type FakeRepository,
  type Operation,
  pageOf,
} from './ecr-fake-world.ts';

const LONGEST_MANIFEST = 4_194_304;

const putImage: Operation = (world, input) => {
  const { repositoryName: name = '', imageManifest: text = '', imageTag: tag } = input;
  const repository = world.repository(name, { pushing: true });
  const bytes = new Uint8Array(Buffer.from(text));
  const digest = digestOf(bytes);
  const mediaType = checkManifest(text, input);
  const where = `in the repository with name '${name}' in registry with id '${world.account}'`;
  if (input.imageDigest !== undefined && input.imageDigest !== digest) {
    throw new EcrFault(
      'ImageDigestDoesNotMatchException',
      `The provided digest '${input.imageDigest}' does not match the digest of the image manifest '${digest}'`,
    );
  }
  const held = repository.images.get(digest);
  if (held !== undefined && !held.archived && (tag === undefined || held.tags.has(tag))) {
    const what =
      tag === undefined ? `Image with digest '${digest}'` : `Image with digest '${digest}' and tag '${tag}'`;
    throw new EcrFault('ImageAlreadyExistsException', `${what} already exists ${where}`);
  }
  if (tag !== undefined && world.find(repository, { imageTag: tag }) !== undefined) {
    const { mutability: imageTagMutability, exclusions } = repository;
    const setting = { imageTagMutability, imageTagMutabilityExclusionFilters: exclusions };
    if (isImmutable(setting as Parameters<typeof isImmutable>[0], tag)) {
      throw new EcrFault(
        'ImageTagAlreadyExistsException',
        `The image tag '${tag}' already exists in the '${name}' repository and cannot be overwritten because the tag is immutable.`,
      );
    }
  }
  try {
    world.storage.putManifest(name, { bytes, digest, mediaType }, tag === undefined ? [] : [tag]);
  } catch (error) {
    throw refusal(error, name, world.account, isIndexType(mediaType));
  }
  const imageId = { imageDigest: digest, ...(tag !== undefined && { imageTag: tag }) };
  const image = { imageId, imageManifest: text, imageManifestMediaType: mediaType };
  return { image: { registryId: world.account, repositoryName: name, ...image } };
};

/** ECR reads manifests by a schema of its own, which refuses some that the specification allows. */
function checkManifest(text: string, { imageManifestMediaType: said, imageTag }: EcrInput): string {
  const refuse = (at: string, constraint: string) =>
    new EcrFault(
      'InvalidParameterException',
      `Invalid parameter at '${at}' failed to satisfy constraint: '${constraint}'`,
    );
  if (text.length < 1 || text.length > LONGEST_MANIFEST) throw refuse('imageManifest', 'length');
  if (imageTag !== undefined && !/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}$/.test(imageTag))
    throw refuse('imageTag', 'must satisfy regular expression pattern');
  const content = looseManifest(Buffer.from(text));
  const strange =
    content === undefined ||
    content.manifests?.some(({ platform }) => platform?.['os.features'] !== undefined) ||
    content.subject?.platform !== undefined;
  if (strange) throw refuse('ImageManifest', 'Invalid JSON syntax');
  const mediaType = content.mediaType ?? said;
  if (mediaType === undefined) throw refuse('imageManifestMediaType', 'must not be null');
  if (said !== undefined && said !== mediaType) throw refuse('imageManifestMediaType', 'does not match');
  return mediaType;
}

function refusal(error: unknown, name: string, account: string, isIndex: boolean): unknown {
  if (!isArchweaveError(error)) return error;
  if (error.code !== 'child-gone') {
    const message = `Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'`;
    return new EcrFault('InvalidParameterException', message);
  }
  const what = isIndex ? 'Images with digests' : 'Layers with digests';
  return new EcrFault(
    isIndex ? 'ReferencedImagesNotFoundException' : 'LayersNotFoundException',
    `${what} '[${error.reference}]' required for pushing image into repository with name '${name}' in the registry with id '${account}' do not exist`,
  );
}

const batchGetImage: Operation = (world, input) => {
  const { repositoryName: name = '', imageIds = [], acceptedMediaTypes } = input;
  const repository = world.repository(name);
  checkIds(imageIds);
  const images: object[] = [];
  const failures: object[] = [];
  for (const imageId of imageIds) {
    const image = world.find(repository, imageId);
    const fail = (failureCode: string, failureReason: string) =>
      failures.push({ imageId, failureCode, failureReason });
    if (imageId.imageDigest === undefined && imageId.imageTag === undefined)
      fail('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
    else if (imageId.imageDigest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(imageId.imageDigest))
      fail('InvalidImageDigest', 'Invalid request parameters: image digest');
    else if (image !== undefined && imageId.imageTag !== undefined && !image.tags.has(imageId.imageTag))
      fail('ImageTagDoesNotMatchDigest', 'The tag does not belong to this digest');
    else if (image?.archived) fail('ImageInaccessible', 'The image is archived');
    else if (image === undefined || acceptedMediaTypes?.includes(image.mediaType) === false)
      fail('ImageNotFound', 'Requested image not found');
    else images.push(imageAnswer(world, name, image, imageId.imageTag));
  }
  return { images, failures };
};

function imageAnswer(world: EcrWorld, name: string, image: FakeImage, imageTag: string | undefined): object {
  const stored = world.storage.manifests.read(name, image.digest);
  return {
    registryId: world.account,
    repositoryName: name,
    imageId: { imageDigest: image.digest, ...(imageTag !== undefined && { imageTag }) },
    imageManifest: Buffer.from(stored!.bytes).toString(),
    imageManifestMediaType: image.mediaType,
  };
}

const describeImages: Operation = (world, input) => {
  const { repositoryName: name = '', imageIds, filter = {} } = input;
  const repository = world.repository(name);
  if (imageIds !== undefined) {
    checkIds(imageIds);
    const found = imageIds.map(id => {
      const image = world.find(repository, id);
      if (image !== undefined) return detailOf(world, repository, image);
      const what = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`;
      throw new EcrFault(
        'ImageNotFoundException',
        `The image with imageId ${what} does not exist within the repository with name '${name}' in the registry with id '${world.account}'`,
      );
    });
    return { imageDetails: found };
  }
  const { tagStatus = 'ANY', imageStatus = 'ACTIVE' } = filter;
  const chosen = [...repository.images.values()].filter(
    ({ tags, archived }) =>
      (tagStatus === 'ANY' || tags.size > 0 === (tagStatus === 'TAGGED')) &&
      (imageStatus === 'ANY' || archived === (imageStatus === 'ARCHIVED')),
  );
  const { page, next } = pageOf(chosen, input);
  return { imageDetails: page.map(image => detailOf(world, repository, image)), ...next };
};

function detailOf(world: EcrWorld, repository: FakeRepository, image: FakeImage): object {
  const { config, layers = [], manifests, subject, artifactType } = image.content;
  const size = [config, ...layers].reduce((sum, blob) => sum + (blob?.size ?? 0), 0);
  return {
    registryId: world.account,
    repositoryName: repository.name,
    imageDigest: image.digest,
    ...(image.tags.size > 0 && { imageTags: [...image.tags] }),
    imageSizeInBytes: manifests === undefined ? size : image.manifestSize,
    imagePushedAt: image.pushedAt / 1000,
    imageManifestMediaType: image.mediaType,
    ...(config !== undefined && { artifactMediaType: artifactType ?? config.mediaType }),
    ...(subject !== undefined && { subjectManifestDigest: subject.digest }),
    imageStatus: image.archived ? 'ARCHIVED' : 'ACTIVE',
  };
}

const listImages: Operation = (world, input) => {
  const { repositoryName: name = '', filter: { tagStatus = 'ANY' } = {} } = input;
  const repository = world.repository(name);
  const ids = [...repository.images.values()].flatMap(({ digest, tags, archived }) => {
    if (archived) return [];
    if (tags.size === 0) return tagStatus === 'TAGGED' ? [] : [{ imageDigest: digest }];
    return tagStatus === 'UNTAGGED' ? [] : [...tags].map(imageTag => ({ imageDigest: digest, imageTag }));
  });
  const { page, next } = pageOf(ids, input);
  return { imageIds: page, ...next };
};

/** Without its last tag an image is gone, and none goes that an index lists. */
const batchDeleteImage: Operation = (world, { repositoryName: name = '', imageIds = [] }) => {
  const repository = world.repository(name);
  checkIds(imageIds);
  const gone: object[] = [];
  const failures: object[] = [];
  for (const imageId of imageIds) {
    const image = world.find(repository, imageId);
    if (image === undefined) {
      failures.push({ imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' });
      continue;
    }
    const { digest, tags } = image;
    if (imageId.imageDigest === undefined && tags.size > 1) {
      world.storage.deleteTag(name, imageId.imageTag!);
      gone.push({ imageDigest: digest, imageTag: imageId.imageTag });
      continue;
    }
    const listed = [...repository.images.values()].some(({ content }) =>
      content.manifests?.some(child => child.digest === digest),
    );
    if (listed) {
      const failureReason = `Requested image referenced by manifest list: [${digest}]`;
      failures.push({ imageId, failureCode: 'ImageReferencedByManifestList', failureReason });
      continue;
    }
    const names = [...tags];
    world.storage.deleteManifest(name, digest);
    gone.push(
      ...(names.length === 0
        ? [{ imageDigest: digest }]
        : names.map(imageTag => ({ imageDigest: digest, imageTag }))),
    );
  }
  return { imageIds: gone, failures };
};

const listImageReferrers: Operation = (world, input) => {
  const { repositoryName: name = '', subjectId, filter: { artifactTypes } = {} } = input;
  const repository = world.repository(name);
  const referrers = [...repository.images.values()]
    .filter(({ content }) => content.subject?.digest === subjectId?.imageDigest)
    .map(({ digest, mediaType, manifestSize, content }) => ({
      digest,
      mediaType,
      artifactType: content.artifactType ?? content.config?.mediaType,
      size: manifestSize,
      ...(content.annotations !== undefined && { annotations: content.annotations }),
      artifactStatus: 'ACTIVE',
    }))
    .filter(({ artifactType = '' }) => artifactTypes === undefined || artifactTypes.includes(artifactType));
  const { page, next } = pageOf(referrers, { maxResults: 20, ...input }, 50);
  return { referrers: page, ...next };
};

export const IMAGE_OPERATIONS: Readonly<Record<string, Operation>> = {
  PutImage: putImage,
  BatchGetImage: batchGetImage,
  DescribeImages: describeImages,
  ListImages: listImages,
  BatchDeleteImage: batchDeleteImage,
  ListImageReferrers: listImageReferrers,
};
