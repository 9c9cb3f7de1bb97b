import { randomUUID } from 'node:crypto';
import {
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  type ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from '@aws-sdk/client-ecr';
import { digestOf } from '../../lib/image/digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../lib/image/media-types.ts';

const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar';
const MIB = 1024 * 1024;

/** A repository of its own with one image, whose layer goes in two parts, by calls of the SDK alone. */
export interface EcrStage {
  readonly ecr: ECRClient;
  readonly repositoryName: string;
  readonly layer: Buffer;
  readonly config: Buffer;
  /** The image's manifest, with more fields where others are wanted. */
  manifest(more?: object): string;
  index(digest: string): string;
  /** Answers what the last part's and the closing call said. */
  upload(
    bytes: Buffer,
    digest?: string,
    part?: number,
  ): Promise<{ lastByteReceived?: number | undefined; layerDigest?: string | undefined }>;
  put(imageTag: string | undefined, imageManifest?: string, mediaType?: string): Promise<unknown>;
}

/** With `blobs: false` the repository alone is made. */
export async function ecrStage(
  ecr: ECRClient,
  { blobs = true, image = blobs }: { readonly blobs?: boolean; readonly image?: boolean } = {},
): Promise<EcrStage> {
  const repositoryName = `stage/${randomUUID()}`;
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  const layer = Buffer.from(`a layer of ${repositoryName}`);
  const text = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
  };
  const config = Buffer.from(JSON.stringify(text));
  const of = (mediaType: string, bytes: Buffer) => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.length,
  });
  const stage: EcrStage = {
    ecr,
    repositoryName,
    layer,
    config,
    manifest: (more = {}) =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: of(OCI_CONFIG, config),
        layers: [of(OCI_LAYER, layer)],
        ...more,
      }),
    index(digest) {
      const platform = { architecture: 'amd64', os: 'linux' };
      const child = { mediaType: OCI_MANIFEST, digest, size: stage.manifest().length, platform };
      return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] });
    },
    async upload(bytes, digest = digestOf(bytes), part = 5 * MIB) {
      const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
      let lastByteReceived: number | undefined;
      for (let at = 0; at < bytes.length; at += part) {
        const layerPartBlob = bytes.subarray(at, at + part);
        const partLastByte = at + layerPartBlob.length - 1;
        const sent = { repositoryName, uploadId, partFirstByte: at, partLastByte, layerPartBlob };
        ({ lastByteReceived } = await ecr.send(new UploadLayerPartCommand(sent)));
      }
      const closing = { repositoryName, uploadId, layerDigests: [digest] };
      const { layerDigest } = await ecr.send(new CompleteLayerUploadCommand(closing));
      return { lastByteReceived, layerDigest };
    },
    put(imageTag, imageManifest = stage.manifest(), imageManifestMediaType = OCI_MANIFEST) {
      const what = { imageManifest, imageManifestMediaType, ...(imageTag !== undefined && { imageTag }) };
      return ecr.send(new PutImageCommand({ repositoryName, ...what }));
    },
  };
  if (blobs) for (const bytes of [layer, config]) await stage.upload(bytes);
  if (image) await stage.put('v1');
  return stage;
}
