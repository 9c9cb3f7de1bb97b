import { BatchGetImageCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import { type Content, describeContent, sampleImage, sampleIndex, TYPES } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

export const ecrManifests: LiveCheck = {
  name: 'ecr-manifests',
  asks: 'Which manifests and indexes does ECR take, and how does it give an index back?',
  async run(world) {
    const repository = await world.repository('manifests');
    const linux = { os: 'linux', architecture: 'amd64' } as const;
    const oci = sampleImage(linux);
    const docker = sampleImage({ os: 'linux', architecture: 'arm64' }, { docker: true });
    const windows = {
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.20348.1',
      'os.features': ['win32k'],
    };
    const entry = (of: Content, platform: object) => ({ ...describeContent(of), platform }) as never;
    for (const image of [oci, docker]) await pushToEcr(world.ecr, repository, undefined, image);
    const plain = sampleIndex([entry(oci, linux)], []);
    const tries: readonly (readonly [string, string, Content])[] = [
      ['an index', 'plain', plain],
      [
        'an index of OCI and Docker images',
        'mixed',
        sampleIndex([entry(oci, linux), entry(docker, { os: 'linux', architecture: 'arm64' })], []),
      ],
      ['a Docker list of OCI images', 'list', sampleIndex([entry(oci, linux)], [], TYPES.dockerList)],
      ['an index in an index', 'nested', sampleIndex([entry(plain, linux)], [])],
      ['os.version and os.features', 'windows', sampleIndex([entry(oci, windows)], [])],
      [
        'an index of what is not there',
        'absent',
        sampleIndex([entry(sampleImage(linux, { text: 'absent' }), linux)], []),
      ],
    ];
    const lines: string[] = [];
    for (const [what, imageTag, { bytes, mediaType }] of tries) {
      const image = { imageManifest: bytes.toString(), imageManifestMediaType: mediaType };
      const put = new PutImageCommand({ repositoryName: repository, imageTag, ...image });
      lines.push(`PutImage of ${what}: ${await outcomeOf(() => world.ecr.send(put))}`);
    }
    const untagged = new PutImageCommand({
      ...{
        repositoryName: repository,
        imageManifest: plain.bytes.toString(),
        imageManifestMediaType: plain.mediaType,
      },
      imageDigest: plain.digest,
    });
    lines.push(`PutImage by digest, without a tag: ${await outcomeOf(() => world.ecr.send(untagged))}`);
    for (const acceptedMediaTypes of [undefined, [TYPES.ociManifest], [TYPES.ociManifest, TYPES.ociIndex]]) {
      const input = {
        repositoryName: repository,
        imageIds: [{ imageTag: 'plain' }],
        ...(acceptedMediaTypes && { acceptedMediaTypes }),
      };
      const answer = await world.ecr.send(new BatchGetImageCommand(input)).catch((error: Error) => error);
      const said =
        answer instanceof Error
          ? answer.name
          : (answer.images?.[0]?.imageManifestMediaType ?? answer.failures?.[0]?.failureCode);
      lines.push(`BatchGetImage of an index, accepting ${acceptedMediaTypes?.length ?? 'no'} types: ${said}`);
    }
    return lines;
  },
};
