import type { BlobWriter, ManifestWriter } from '../registry/interfaces.ts';
import { pushSample } from './push-sample.ts';
import { sampleImage } from './sample-image.ts';

export interface DemoPush {
  readonly architecture: 'amd64' | 'arm64';
  /** The commit that it says it is from. */
  readonly build: string;
}

/** Pushes one half of `hello:VERSION`, as one of the two jobs of a build would. */
export async function pushDemoImage(
  registry: BlobWriter & ManifestWriter,
  version: string,
  { architecture, build }: DemoPush,
  signal: AbortSignal,
): Promise<void> {
  const sample = sampleImage({
    platform: { os: 'linux', architecture },
    text: `hello ${version} of ${build}, for linux/${architecture}`,
    build,
  });
  await pushSample(registry, 'hello', `${version}-${architecture}`, sample, { signal });
}
