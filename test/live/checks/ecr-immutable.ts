import { PutImageCommand } from '@aws-sdk/client-ecr';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

export const ecrImmutable: LiveCheck = {
  name: 'ecr-immutable',
  asks: 'An immutable tag that gets the digest it has: ImageAlreadyExists or ImageTagAlreadyExists?',
  async run(world) {
    const repositoryName = await world.repository('immutable', { immutable: true });
    const [same, other] = ['same', 'other'].map(text =>
      sampleImage({ os: 'linux', architecture: 'amd64' }, { text }),
    );
    await pushToEcr(world.ecr, repositoryName, '1.0', same!);
    await pushToEcr(world.ecr, repositoryName, undefined, other!);
    const put = ({ bytes, mediaType }: { bytes: Buffer; mediaType: string }) =>
      outcomeOf(() =>
        world.ecr.send(
          new PutImageCommand({
            ...{ repositoryName, imageTag: '1.0', imageManifest: bytes.toString() },
            imageManifestMediaType: mediaType,
          }),
        ),
      );
    return [`the same digest: ${await put(same!)}`, `another digest: ${await put(other!)}`];
  },
};
