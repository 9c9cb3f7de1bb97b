import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import type { Content } from './e2e-images.ts';

/** The SDK's own client for a fake of ECR, or for anything else that stands in its place. */
export function ecrClient({ endpoint, region }: { readonly endpoint: string; readonly region: string }) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new ECRClient({ endpoint, region, credentials, maxAttempts: 1 });
}

/** Pushes content and all it refers to, leaves first, by calls of the SDK alone; the repository is made. */
export async function pushToEcr(
  ecr: ECRClient,
  repositoryName: string,
  tag: string | undefined,
  what: Content,
): Promise<void> {
  await unlessThere(() => ecr.send(new CreateRepositoryCommand({ repositoryName })));
  for (const { bytes, digest } of what.blobs) {
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    const part = { partFirstByte: 0, partLastByte: bytes.length - 1, layerPartBlob: bytes };
    await ecr.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...part }));
    const closing = { repositoryName, uploadId, layerDigests: [digest] };
    await unlessThere(() => ecr.send(new CompleteLayerUploadCommand(closing)));
  }
  for (const child of what.children) await pushToEcr(ecr, repositoryName, undefined, child);
  const image = { imageManifest: what.bytes.toString(), imageManifestMediaType: what.mediaType };
  const named = { repositoryName, ...(tag !== undefined && { imageTag: tag }), ...image };
  await unlessThere(() => ecr.send(new PutImageCommand(named)));
}

async function unlessThere(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: Error) => {
    if (!/AlreadyExistsException$/.test(error.name)) throw error;
  });
}
