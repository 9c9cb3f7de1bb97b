import {
  BatchCheckLayerAvailabilityCommand,
  type ECRClient,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { digestOf } from '../../lib/image/digest.ts';
import { type EcrStage, ecrStage } from '../support/ecr-fake-stage.ts';
import type { EcrBehaviour } from './ecr-behaviours.ts';

const NOWHERE = `sha256:${'2'.repeat(64)}`;
const sha = (text: string | Buffer) => digestOf(Buffer.from(text));

/** What AWS documents of layers and their uploads. */
export const LAYER_BEHAVIOURS: readonly EcrBehaviour[] = [
  {
    title: 'takes no image before its layers',
    expected: 'LayersNotFoundException',
    run: async ecr => (await ecrStage(ecr, { blobs: false })).put('early'),
  },
  {
    title: 'says that a layer is not there',
    expected: 'UNAVAILABLE',
    run: async ecr => availability(await ecrStage(ecr, { blobs: false })),
  },
  {
    title: 'takes a layer in two parts and says how far it got',
    expected: 6 * 1024 * 1024 - 1,
    async run(ecr) {
      const stage = await ecrStage(ecr, { blobs: false });
      return (await stage.upload(Buffer.alloc(6 * 1024 * 1024, 7))).lastByteReceived;
    },
  },
  {
    title: 'takes a small blob in one part',
    expected: sha('{}'),
    run: async ecr => (await (await ecrStage(ecr, { blobs: false })).upload(Buffer.from('{}'))).layerDigest,
  },
  {
    title: 'takes no layer under a digest that is not its own',
    expected: 'InvalidLayerException',
    run: async ecr => (await ecrStage(ecr, { blobs: false })).upload(Buffer.from('zzz'), NOWHERE),
  },
  {
    title: 'says of a layer that it is there already',
    expected: 'LayerAlreadyExistsException',
    async run(ecr) {
      const stage = await ecrStage(ecr, { image: false });
      return stage.upload(stage.layer);
    },
  },
  {
    title: 'knows no upload that was not begun',
    expected: 'UploadNotFoundException',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr, { blobs: false });
      return sendPart(ecr, repositoryName, '11111111-1111-1111-1111-111111111111', 0);
    },
  },
  {
    title: 'takes no part that does not begin where the last one ended',
    expected: 'InvalidLayerPartException',
    async run(ecr) {
      const { repositoryName } = await ecrStage(ecr, { blobs: false });
      const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
      return sendPart(ecr, repositoryName, uploadId!, 100);
    },
  },
  {
    title: 'says that a layer is there',
    expected: 'AVAILABLE',
    run: async ecr => availability(await ecrStage(ecr)),
  },
  {
    title: 'gives an address from which a layer comes as it was sent',
    expected: true,
    async run(ecr) {
      const { repositoryName, layer } = await ecrStage(ecr);
      const input = { repositoryName, layerDigest: sha(layer) };
      const { downloadUrl } = await ecr.send(new GetDownloadUrlForLayerCommand(input));
      const answer = await fetch(downloadUrl!, { signal: AbortSignal.timeout(3_000) });
      return Buffer.from(await answer.arrayBuffer()).equals(layer);
    },
  },
];

async function availability({ ecr, repositoryName, layer }: EcrStage) {
  const input = { repositoryName, layerDigests: [sha(layer)] };
  const { layers } = await ecr.send(new BatchCheckLayerAvailabilityCommand(input));
  return layers?.[0]?.layerAvailability;
}

function sendPart(ecr: ECRClient, repositoryName: string, uploadId: string, at: number) {
  const layerPartBlob = Buffer.from('abc');
  const input = { repositoryName, uploadId, partFirstByte: at, partLastByte: at + 2, layerPartBlob };
  return ecr.send(new UploadLayerPartCommand(input));
}
