import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isArchweaveError } from '../../lib/errors.ts';
import { type Digest, isDigest } from '../../lib/image/digest.ts';
import { EcrFault, type EcrWorld, type Operation } from './ecr-fake-world.ts';

const MIB = 1024 * 1024;
/** A part that is not the last one, by the quota. */
const LEAST_PART = 5 * MIB;
const LARGEST_PART = 20 * MIB;

const initiateLayerUpload: Operation = (world, { repositoryName: name = '' }) => {
  world.repository(name, { pushing: true });
  const { id } = world.storage.uploads.start(name);
  world.uploads.set(id, { repository: name, parts: 0, size: 0, last: 0 });
  return { uploadId: id, partSize: 10 * MIB };
};

const uploadLayerPart: Operation = async (world, input) => {
  const { repositoryName: name = '', uploadId = '', partFirstByte = 0, partLastByte = 0 } = input;
  world.repository(name);
  const { upload, state } = uploadOf(world, name, uploadId);
  const part = Buffer.from(input.layerPartBlob ?? '', 'base64');
  const about = { registryId: world.account, repositoryName: name, uploadId };
  const fits = partFirstByte === upload.size && partLastByte - partFirstByte + 1 === part.length;
  if (!fits || part.length > LARGEST_PART) {
    throw new EcrFault(
      'InvalidLayerPartException',
      `Layer part upload '${partFirstByte}' to '${partLastByte}' is not valid; ${upload.size} bytes are there`,
      { ...about, lastValidByteReceived: upload.size - 1 },
    );
  }
  if (state.parts > 0 && state.last < LEAST_PART) tooSmall();
  await world.storage.uploads.append(upload, once(part));
  world.uploads.set(uploadId, {
    ...state,
    parts: state.parts + 1,
    size: upload.size,
    last: part.length,
  });
  return { ...about, lastByteReceived: upload.size - 1 };
};

const completeLayerUpload: Operation = async (world, input) => {
  const { repositoryName: name = '', uploadId = '', layerDigests = [] } = input;
  world.repository(name);
  const { upload, state } = uploadOf(world, name, uploadId);
  const digest = layerDigests[0] ?? '';
  if (state.parts === 0)
    throw new EcrFault('EmptyUploadException', 'There are no layer parts for this upload');
  world.uploads.delete(uploadId);
  if (isDigest(digest) && world.storage.blobs.stat(name, digest) !== undefined) {
    world.storage.uploads.cancel(upload);
    throw new EcrFault(
      'LayerAlreadyExistsException',
      `Layer with digest '${digest}' already exists in repository with name '${name}' in registry with id '${world.account}'`,
    );
  }
  try {
    await world.storage.uploads.finish(upload, digest as Digest, once(Buffer.alloc(0)));
  } catch (error) {
    if (!isArchweaveError(error) || error.code !== 'digest-mismatch') throw error;
    throw new EcrFault('InvalidLayerException', `Layer digest '${digest}' is not that of the upload`);
  }
  return { registryId: world.account, repositoryName: name, uploadId, layerDigest: digest };
};

const batchCheckLayerAvailability: Operation = (world, { repositoryName: name = '', layerDigests = [] }) => {
  const repository = world.repository(name);
  const layers: object[] = [];
  const failures: object[] = [];
  for (const layerDigest of layerDigests) {
    if (!/^sha256:[0-9a-f]{64}$/.test(layerDigest)) {
      const failureReason = 'Invalid layer digest';
      failures.push({ layerDigest, failureCode: 'InvalidLayerDigest', failureReason });
      continue;
    }
    const layerSize = world.storage.blobs.stat(name, layerDigest as Digest);
    const users = [...repository.images.values()].filter(({ content: { config, layers: own = [] } }) =>
      [config, ...own].some(blob => blob?.digest === layerDigest),
    );
    const archived = users.length > 0 && users.every(image => image.archived);
    layers.push({
      layerDigest,
      layerAvailability: layerSize === undefined ? 'UNAVAILABLE' : archived ? 'ARCHIVED' : 'AVAILABLE',
      ...(layerSize !== undefined && { layerSize }),
    });
  }
  return { layers, failures };
};

const getDownloadUrlForLayer: Operation = (world, { repositoryName: name = '', layerDigest = '' }) => {
  const repository = world.repository(name);
  if (!isDigest(layerDigest) || world.storage.blobs.stat(name, layerDigest) === undefined) {
    throw new EcrFault(
      'LayersNotFoundException',
      `The layer with digest '${layerDigest}' does not exist in the repository with name '${name}' in registry with id '${world.account}'`,
    );
  }
  if (!world.isReferred(repository, layerDigest)) {
    throw new EcrFault(
      'LayerInaccessibleException',
      `The layer with digest '${layerDigest}' is not associated with an image`,
    );
  }
  const signature = randomUUID();
  world.signatures.set(signature, { repository: name, digest: layerDigest });
  const downloadUrl = `${world.endpoint}/layers/${layerDigest.slice(7)}?X-Amz-Expires=3600&X-Amz-Signature=${signature}`;
  return { downloadUrl, layerDigest };
};

/** The store beside ECR: whoever has the signature may read, and one who sends credentials too is refused. */
export async function serveLayer(
  world: EcrWorld,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', world.endpoint);
  const signed = world.signatures.get(url.searchParams.get('X-Amz-Signature') ?? '');
  if (signed === undefined || request.headers.authorization !== undefined) {
    response.writeHead(signed === undefined ? 403 : 400, { 'content-type': 'application/xml' });
    response.end('<Error><Code>AccessDenied</Code></Error>');
    return;
  }
  const size = world.storage.blobs.stat(signed.repository, signed.digest) ?? 0;
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (start >= size && start > 0) {
    response.writeHead(416).end();
    return;
  }
  const range = start > 0 ? { 'content-range': `bytes ${start}-${size - 1}/${size}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': size - start, ...range });
  for await (const piece of world.storage.blobs.read(signed.digest, start, size - start))
    response.write(piece);
  response.end();
}

function uploadOf(world: EcrWorld, name: string, uploadId: string) {
  const upload = world.storage.uploads.find(name, uploadId);
  const state = world.uploads.get(uploadId);
  if (upload !== undefined && state !== undefined) return { upload, state };
  throw new EcrFault(
    'UploadNotFoundException',
    `The upload with upload id '${uploadId}' does not exist in repository with name '${name}' in registry with id '${world.account}'`,
  );
}

function tooSmall(): never {
  throw new EcrFault('LayerPartTooSmallException', 'Layer parts must be at least 5 MiB in size');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export const LAYER_OPERATIONS: Readonly<Record<string, Operation>> = {
  InitiateLayerUpload: initiateLayerUpload,
  UploadLayerPart: uploadLayerPart,
  CompleteLayerUpload: completeLayerUpload,
  BatchCheckLayerAvailability: batchCheckLayerAvailability,
  GetDownloadUrlForLayer: getDownloadUrlForLayer,
};
