import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { assumeRole } from '../../../lib/registry/ecr/assume-role.ts';
import { sampleImage } from '../../support/e2e-images.ts';
import { pushToEcr } from '../../support/ecr-fake-push.ts';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

const OTHER = 'ARCHWEAVE_LIVE_OTHER_ROLE';
const MOST = 400;

/** Writes tags as fast as it can until ECR asks to slow down, from an identity of another account. */
export const ecrWriteQuota: LiveCheck = {
  name: 'ecr-write-quota',
  asks: "Whose PutImage quota does a role of another account use up: the caller's or the registry's?",
  needs: [OTHER],
  async run(world) {
    const repositoryName = await world.repository('quota');
    const image = sampleImage({ os: 'linux', architecture: 'amd64' });
    await pushToEcr(world.ecr, repositoryName, undefined, image);
    const roleArn = world.env[OTHER]!;
    const credentials = () => assumeRole(roleArn, world.region);
    const other = new ECRClient({ region: world.region, credentials, maxAttempts: 1 });
    world.later(async () => other.destroy());
    const put = (client: ECRClient, imageTag: string) =>
      outcomeOf(() =>
        client.send(
          new PutImageCommand({
            ...{ registryId: world.account, repositoryName, imageTag, imageManifest: image.bytes.toString() },
            imageManifestMediaType: image.mediaType,
          }),
        ),
      );
    const outcomes: string[] = [];
    for (let at = 0; at < MOST && !outcomes.some(isThrottled); at += 20)
      outcomes.push(...(await Promise.all(Array.from({ length: 20 }, (_, n) => put(other, `t${at + n}`)))));
    const own = await Promise.all(Array.from({ length: 5 }, (_, n) => put(world.ecr, `own${n}`)));
    return [
      `the other account: ${outcomes.length} writes, ${outcomes.filter(isThrottled).length} throttled`,
      `the registry's own account right after: ${own.filter(isThrottled).length} of ${own.length} throttled`,
      `first refusal: ${outcomes.find(outcome => outcome !== 'accepted') ?? 'none'}`,
    ];
  },
};

function isThrottled(outcome: string): boolean {
  return /Throttl|TooMany|rate/i.test(outcome);
}
