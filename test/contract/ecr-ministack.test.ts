import type { ECRClient } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ecrClient } from '../support/ecr-fake-push.ts';
import { type RunningMinistack, startMinistack } from '../support/ministack.ts';
import { describeWith } from '../support/tools.ts';
import { ECR_BEHAVIOURS, outcomeOf } from './ecr-behaviours.ts';

/** What the emulator gets right of what the fake is held to, so that the fake has another witness. */
const WITNESSED: ReadonlySet<string> = new Set([
  'makes a repository',
  'makes no repository twice',
  'moves no immutable tag',
  'lets some tags be moved and others not',
  'gives a token for the docker protocol',
  'says that a layer is not there',
  'takes a small blob in one part',
  'takes an image',
  'names an image by the sha256 of its manifest',
  'gives a manifest back byte for byte',
  'takes an index of what is there',
  'says of what media type an index is',
  'says what there was not to delete',
  'takes no image into a repository that is not there',
]);

describeWith(['python3'], 'an emulator of ECR that nobody here wrote', () => {
  let ministack: RunningMinistack;
  let ecr: ECRClient;
  beforeAll(async () => {
    ministack = await startMinistack();
    ecr = ecrClient({ endpoint: ministack.url, region: ministack.region });
  }, 180_000);
  afterAll(async () => {
    ecr?.destroy();
    await ministack?.stop();
  });

  for (const behaviour of ECR_BEHAVIOURS.filter(({ title }) => WITNESSED.has(title)))
    it(behaviour.title, async () => {
      expect(await outcomeOf(behaviour, ecr)).toEqual(behaviour.expected);
    });

  it('is asked only what the fake is held to', () => {
    expect(ECR_BEHAVIOURS.map(({ title }) => title)).toEqual(expect.arrayContaining([...WITNESSED]));
  });
});
