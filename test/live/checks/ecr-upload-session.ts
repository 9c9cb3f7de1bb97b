import { setTimeout as sleep } from 'node:timers/promises';
import { InitiateLayerUploadCommand, UploadLayerPartCommand } from '@aws-sdk/client-ecr';
import { type LiveCheck, outcomeOf } from '../live-check.ts';

export const ecrUploadSession: LiveCheck = {
  name: 'ecr-upload-session',
  asks: 'How long does an upload of a layer stay open? Waits for ARCHWEAVE_LIVE_SESSION_MINUTES (0)',
  async run(world) {
    const repositoryName = await world.repository('session');
    const { uploadId, partSize } = await world.ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const minutes = Number(world.env.ARCHWEAVE_LIVE_SESSION_MINUTES ?? 0);
    await sleep(minutes * 60_000);
    const part = { partFirstByte: 0, partLastByte: 4, layerPartBlob: Buffer.from('hello') };
    const upload = new UploadLayerPartCommand({ repositoryName, uploadId, ...part });
    const outcome = await outcomeOf(() => world.ecr.send(upload));
    return [`parts of ${partSize} bytes; after ${minutes} min: ${outcome}`];
  },
};
