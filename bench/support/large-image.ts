import { randomBytes } from 'node:crypto';
import { type Content, content, describeContent, pushContent, TYPES } from '../../test/support/e2e-images.ts';

/** An image of random layers of so many bytes; the layers of `like` are taken over, all but the last. */
export function largeImage(architecture: string, layers: readonly number[], like?: Content): Content {
  const fresh = like === undefined ? layers : layers.slice(-1);
  const blobs = [
    ...(like?.blobs.slice(1, -1) ?? []),
    ...fresh.map(size => content(TYPES.ociLayer, randomBytes(size))),
  ];
  const config = content(TYPES.ociConfig, { os: 'linux', architecture, rootfs: { type: 'layers' } });
  const manifest = {
    schemaVersion: 2,
    mediaType: TYPES.ociManifest,
    config: describeContent(config),
    layers: blobs.map(describeContent),
  };
  return content(TYPES.ociManifest, manifest, { blobs: [config, ...blobs] });
}

export function largeIndex(images: Readonly<Record<string, Content>>): Content {
  const manifests = Object.entries(images).map(([architecture, image]) => ({
    ...describeContent(image),
    platform: { os: 'linux', architecture },
  }));
  const index = { schemaVersion: 2, mediaType: TYPES.ociIndex, manifests };
  return content(TYPES.ociIndex, index, { children: Object.values(images) });
}

export { pushContent };
