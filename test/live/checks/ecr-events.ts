import { setTimeout as sleep } from 'node:timers/promises';
import { PutImageCommand } from '@aws-sdk/client-ecr';
import { describeContent, sampleAttestation, sampleImage, sampleIndex } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import type { LiveCheck } from '../live-check.ts';
import { deleteImages } from '../live-world.ts';

/** Longer than EventBridge usually needs, so that each step's events are told apart. */
const BETWEEN = 3_000;

export const ecrEvents: LiveCheck = {
  name: 'ecr-events',
  asks: 'What does ECR announce for an image, a moved tag, an index, a referrer, a signature and a deletion?',
  async run(world) {
    const repository = await world.repository('events');
    const queue = await world.queue('events', { services: ['events.amazonaws.com'] });
    await world.rule(
      'events',
      { source: ['aws.ecr'], detail: { 'repository-name': [repository] } },
      { Arn: queue.arn },
    );
    const [first, second] = ['one', 'two'].map(text =>
      sampleImage({ os: 'linux', architecture: 'amd64' }, { text }),
    );
    const referrer = sampleAttestation(first!, 'new').content;
    const entry = { ...describeContent(second!), platform: { os: 'linux', architecture: 'amd64' } };
    const steps: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['an image', () => pushToEcr(world.ecr, repository, 'a', first!)],
      ['the tag moved', () => pushToEcr(world.ecr, repository, 'a', second!)],
      ['moved back', () => world.ecr.send(put(repository, 'a', first!))],
      ['the same again', () => world.ecr.send(put(repository, 'a', first!)).catch(() => {})],
      [
        'an index by PutImage',
        () => pushToEcr(world.ecr, repository, 'index', sampleIndex([entry], [second!])),
      ],
      ['a referrer', () => pushToEcr(world.ecr, repository, undefined, referrer)],
      ['a deletion', () => deleteImages(world, repository, [{ imageTag: 'index' }])],
    ];
    const began: string[] = [];
    for (const [what, work] of steps) {
      began.push(`${new Date().toISOString()} ${what}`);
      await work();
      await sleep(Math.min(BETWEEN, world.patience));
    }
    const seen = await world.messages(queue, steps.length);
    const events = seen.map(({ Body }) => JSON.parse(Body ?? '{}') as { time: string; detail: object });
    const lines = events.map(
      event =>
        `${event.time} ${String((event as { 'detail-type'?: string })['detail-type'])} ${JSON.stringify(event.detail)}`,
    );
    return [...began, ...lines.toSorted(), `${events.length} events for ${steps.length} steps`];
  },
};

function put(
  repositoryName: string,
  imageTag: string,
  { bytes, mediaType }: { bytes: Buffer; mediaType: string },
) {
  const imageManifest = bytes.toString();
  return new PutImageCommand({ repositoryName, imageTag, imageManifest, imageManifestMediaType: mediaType });
}
