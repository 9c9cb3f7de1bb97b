import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  DescribeImagesCommand,
  ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  ListImageReferrersCommand,
} from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../lib/image/digest.ts';
import { OCI_INDEX } from '../../lib/image/media-types.ts';
import { type EcrFake, startEcrFake } from '../support/ecr-fake.ts';
import { ecrStage } from '../support/ecr-fake-stage.ts';
import { ECR_BEHAVIOURS, outcomeOf } from './ecr-behaviours.ts';

describe('the fake of ECR', () => {
  let fake: EcrFake;
  let ecr: ECRClient;
  beforeAll(async () => {
    fake = await startEcrFake();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    ecr = new ECRClient({ endpoint: fake.endpoint, region: fake.region, credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    ecr.destroy();
    await fake.stop();
  });

  it('is held to 35 behaviours', () => expect(ECR_BEHAVIOURS).toHaveLength(35));

  for (const behaviour of ECR_BEHAVIOURS)
    it(behaviour.title, async () => {
      expect(await outcomeOf(behaviour, ecr)).toEqual(behaviour.expected);
    });

  it('hands out no layer that no image refers to', async () => {
    const { repositoryName, layer } = await ecrStage(ecr, { image: false });
    const input = { repositoryName, layerDigest: digestOf(layer) };
    const work = ecr.send(new GetDownloadUrlForLayerCommand(input));
    await expect(work).rejects.toMatchObject({ name: 'LayerInaccessibleException' });
  });

  it('takes no upload without a part, and no small part but the last', async () => {
    const { repositoryName, upload, layer } = await ecrStage(ecr, { blobs: false });
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const input = { repositoryName, uploadId, layerDigests: [digestOf(layer)] };
    const empty = ecr.send(new CompleteLayerUploadCommand(input));
    await expect(empty).rejects.toMatchObject({ name: 'EmptyUploadException' });
    const small = upload(layer, undefined, 5);
    await expect(small).rejects.toMatchObject({ name: 'LayerPartTooSmallException' });
  });

  it('deletes an image with its last tag', async () => {
    const { repositoryName } = await ecrStage(ecr);
    await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }] }));
    expect((await ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails).toEqual([]);
  });

  it('moves an excluded tag of an immutable repository, and no other', async () => {
    const stage = await ecrStage(ecr);
    const repository = fake.world.repository(stage.repositoryName);
    repository.mutability = 'IMMUTABLE_WITH_EXCLUSION';
    repository.exclusions = [{ filterType: 'WILDCARD', filter: 'latest*' }];
    await stage.put('latest-1');
    await stage.put('latest-1', stage.manifest({ annotations: { moved: 'yes' } }));
    const other = stage.put('v1', stage.manifest({ annotations: { moved: 'no' } }));
    await expect(other).rejects.toMatchObject({ name: 'ImageTagAlreadyExistsException' });
  });

  it('refuses what its own schema of manifests does not know', async () => {
    const stage = await ecrStage(ecr);
    const platform = { os: 'linux', architecture: 'amd64' };
    const child = JSON.parse(stage.index(digestOf(Buffer.from(stage.manifest())))).manifests[0];
    const manifests = [{ ...child, platform: { ...platform, 'os.features': ['nydus'] } }];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
    const refused = {
      name: 'InvalidParameterException',
      message: expect.stringContaining('Invalid JSON syntax'),
    };
    await expect(stage.put('features', index, OCI_INDEX)).rejects.toMatchObject(refused);
    const subject = { ...child, platform };
    await expect(stage.put(undefined, stage.manifest({ subject }))).rejects.toMatchObject(refused);
  });

  it('hides an archived image, says that it cannot be read, and restores it when it is pushed again', async () => {
    const stage = await ecrStage(ecr);
    const { repositoryName } = stage;
    const image = [...fake.world.repository(repositoryName).images.values()][0]!;
    image.archived = true;
    const read = () => ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: 'v1' }] }));
    expect(await read()).toMatchObject({ images: [], failures: [{ failureCode: 'ImageInaccessible' }] });
    const describing = new DescribeImagesCommand({ repositoryName });
    expect((await ecr.send(describing)).imageDetails).toEqual([]);
    await stage.put('v1');
    expect((await read()).images).toHaveLength(1);
  });

  it('lists what refers to an image', async () => {
    const stage = await ecrStage(ecr);
    const { repositoryName } = stage;
    const imageDigest = digestOf(Buffer.from(stage.manifest()));
    const subject = { mediaType: OCI_INDEX, digest: imageDigest, size: 1 };
    await stage.put(undefined, stage.manifest({ subject, artifactType: 'text/sbom' }));
    const input = { repositoryName, subjectId: { imageDigest } };
    const { referrers } = await ecr.send(new ListImageReferrersCommand(input));
    expect(referrers).toMatchObject([{ artifactType: 'text/sbom' }]);
  });

  it('answers nobody who does not sign, and nothing that it does not know', async () => {
    const headers = { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.DeleteRegistryPolicy' };
    const unsigned = await fetch(fake.endpoint, { method: 'POST', headers, body: '{}' });
    expect(await unsigned.text()).toContain('MissingAuthenticationTokenException');
    const authorization = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/ecr/aws4_request';
    const signed = { method: 'POST', headers: { ...headers, authorization }, body: '{}' };
    expect(await (await fetch(fake.endpoint, signed)).text()).toContain('UnknownOperationException');
  });
});
