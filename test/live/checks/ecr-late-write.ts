import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetImageCommand, PutImageCommand } from '@aws-sdk/client-ecr';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import type { LiveCheck } from '../live-check.ts';

const TRIES = 10;

export const ecrLateWrite: LiveCheck = {
  name: 'ecr-late-write',
  asks: 'Does a PutImage land although its sender gave it up in the middle?',
  async run(world) {
    const repositoryName = await world.repository('late');
    const image = sampleImage({ os: 'linux', architecture: 'amd64' });
    await pushToEcr(world.ecr, repositoryName, undefined, image);
    const tags = Array.from({ length: TRIES }, (_, at) => `given-up-after-${at * 5}-ms`);
    let answered = 0;
    for (const [at, imageTag] of tags.entries()) {
      const put = new PutImageCommand({
        ...{ repositoryName, imageTag, imageManifest: image.bytes.toString() },
        imageManifestMediaType: image.mediaType,
      });
      const abortSignal = AbortSignal.timeout(at * 5);
      await world.ecr.send(put, { abortSignal }).then(
        () => (answered += 1),
        () => {},
      );
    }
    await sleep(Math.min(5_000, world.patience));
    const imageIds = tags.map(imageTag => ({ imageTag }));
    const { images = [] } = await world.ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    return [`${TRIES} sent, ${answered} answered in time, ${images.length} there five seconds later`];
  },
};
