import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  DescribeImagesCommand,
  type ECRClient,
  ListImagesCommand,
  PutImageCommand,
} from '@aws-sdk/client-ecr';
import { digestOf } from '../../lib/image/digest.ts';
import { OCI_INDEX } from '../../lib/image/media-types.ts';
import { type EcrStage, ecrStage } from '../support/ecr-fake-stage.ts';
import type { EcrBehaviour } from './ecr-behaviours.ts';

const DOCKER_V1 = 'application/vnd.docker.distribution.manifest.v1+json';
const NOWHERE = `sha256:${'2'.repeat(64)}`;

const sha = (text: string | Buffer) => digestOf(Buffer.from(text));

/** What AWS documents of images and indexes. */
export const IMAGE_BEHAVIOURS: readonly EcrBehaviour[] = [
  {
    title: 'takes an image',
    expected: true,
    async run(ecr) {
      const stage = await ecrStage(ecr, { image: false });
      const { image } = (await stage.put('v1')) as { image: { imageId: { imageTag: string } } };
      return image.imageId.imageTag === 'v1';
    },
  },
  {
    title: 'says of an image that it is there already under this tag',
    expected: 'ImageAlreadyExistsException',
    run: async ecr => (await ecrStage(ecr)).put('v1'),
  },
  {
    title: 'takes no image under a digest that is not its own',
    expected: 'ImageDigestDoesNotMatchException',
    async run(ecr) {
      const { repositoryName, manifest } = await ecrStage(ecr);
      const imageManifest = manifest({ annotations: { x: '9' } });
      const input = { repositoryName, imageManifest, imageTag: 'bad', imageDigest: NOWHERE };
      return ecr.send(new PutImageCommand(input));
    },
  },
  {
    title: 'names an image by the sha256 of its manifest',
    expected: true,
    async run(ecr) {
      const stage = await ecrStage(ecr);
      return (await images(stage, 'v1')).images?.[0]?.imageId?.imageDigest === sha(stage.manifest());
    },
  },
  {
    title: 'gives a manifest back byte for byte',
    expected: true,
    async run(ecr) {
      const stage = await ecrStage(ecr);
      return (await images(stage, 'v1')).images?.[0]?.imageManifest === stage.manifest();
    },
  },
  {
    title: 'answers with the tag that was asked for, of two that an image has',
    expected: 'v1',
    async run(ecr) {
      const stage = await ecrStage(ecr);
      await stage.put('alias');
      return (await images(stage, 'v1')).images?.[0]?.imageId?.imageTag;
    },
  },
  {
    title: 'takes no index before its images',
    expected: 'ReferencedImagesNotFoundException',
    async run(ecr) {
      const stage = await ecrStage(ecr);
      return stage.put('index', stage.index(NOWHERE), OCI_INDEX);
    },
  },
  {
    title: 'takes an index of what is there',
    expected: true,
    run: async ecr => (await withIndex(ecr)).repositoryName !== '',
  },
  {
    title: 'says of what media type an index is',
    expected: OCI_INDEX,
    run: async ecr =>
      (await images(await withIndex(ecr), 'index', [OCI_INDEX])).images?.[0]?.imageManifestMediaType,
  },
  {
    title: 'gives no image of a media type that was not asked for',
    expected: { images: 0, failures: 1 },
    async run(ecr) {
      const answer = await images(await withIndex(ecr), 'index', [DOCKER_V1]);
      return { images: answer.images?.length, failures: answer.failures?.length };
    },
  },
  {
    title: 'deletes no image that an index lists',
    expected: 'ImageReferencedByManifestList',
    async run(ecr) {
      const { repositoryName, manifest } = await withIndex(ecr);
      const input = { repositoryName, imageIds: [{ imageDigest: sha(manifest()) }] };
      return (await ecr.send(new BatchDeleteImageCommand(input))).failures?.[0]?.failureCode;
    },
  },
  {
    title: 'says what there was not to delete',
    expected: 'ImageNotFound',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr);
      const input = { repositoryName, imageIds: [{ imageTag: 'nope' }] };
      return (await ecr.send(new BatchDeleteImageCommand(input))).failures?.[0]?.failureCode;
    },
  },
  {
    title: 'describes an image by the size of its config and layers',
    expected: true,
    async run(ecr) {
      const { repositoryName, layer, config } = await ecrStage(ecr);
      const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      return imageDetails?.[0]?.imageSizeInBytes === layer.length + config.length;
    },
  },
  {
    title: 'describes nothing where one image is not there',
    expected: 'ImageNotFoundException',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr);
      const imageIds = [{ imageTag: 'v1' }, { imageTag: 'nope' }];
      return ecr.send(new DescribeImagesCommand({ repositoryName, imageIds }));
    },
  },
  {
    title: 'lists images in pages',
    expected: { listed: 1, more: true },
    async run(ecr) {
      const stage = await ecrStage(ecr);
      for (const n of ['p1', 'p2']) await stage.put(n, stage.manifest({ annotations: { n } }));
      const input = { repositoryName: stage.repositoryName, maxResults: 1 };
      const { imageIds, nextToken } = await ecr.send(new ListImagesCommand(input));
      return { listed: imageIds?.length, more: nextToken !== undefined };
    },
  },
  {
    title: 'takes no image into a repository that is not there',
    expected: 'RepositoryNotFoundException',
    async run(ecr) {
      const { manifest } = await ecrStage(ecr, { blobs: false });
      return ecr.send(new PutImageCommand({ repositoryName: 'nope', imageManifest: manifest() }));
    },
  },
  {
    title: 'takes one of two tags away and leaves the image with the other',
    expected: [['alias']],
    async run(ecr) {
      const stage = await ecrStage(ecr);
      const { repositoryName } = stage;
      await stage.put('alias');
      await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }] }));
      const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      return imageDetails?.map(({ imageTags }) => imageTags);
    },
  },
];

async function images({ ecr, repositoryName }: EcrStage, imageTag: string, acceptedMediaTypes?: string[]) {
  const input = {
    repositoryName,
    imageIds: [{ imageTag }],
    ...(acceptedMediaTypes && { acceptedMediaTypes }),
  };
  return ecr.send(new BatchGetImageCommand(input));
}

async function withIndex(ecr: ECRClient): Promise<EcrStage> {
  const stage = await ecrStage(ecr);
  await stage.put('index', stage.index(sha(stage.manifest())), OCI_INDEX);
  return stage;
}
