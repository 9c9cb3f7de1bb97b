import { afterEach } from '@jest/globals';
import type { Digest } from '../../lib/image/digest.ts';
import { type CopyOptions, copyImage } from '../../lib/import/copy.ts';
import type { CopyRequest } from '../../lib/import/copy-request.ts';
import { prepareCopy } from '../../lib/import/prepare-copy.ts';
import { httpFetch } from '../../lib/registry/http-fetch.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { type Passing, startFaultProxy } from '../support/fault-proxy.ts';
import { indexOfPlatforms, layeredImage, pushPiece } from '../support/layered-image.ts';
import { serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';

export const LAYER = 6_000_001;
export const images = {
  'linux/amd64': layeredImage('linux/amd64', [LAYER, 700]),
  'linux/arm64': layeredImage('linux/arm64', [2_000_000]),
};
export const image = indexOfPlatforms(images);
export const layer = [...images['linux/amd64'].blobs.keys()][1]!;
export const request: CopyRequest = { reference: '1.0', tag: '1.0', referrers: true };

/** Run after each test, the last first. */
export const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

export async function embedded(): Promise<string> {
  const { host, stop } = await serveEmbedded();
  stops.push(stop);
  return host;
}

export const open = (host: string): Registry =>
  openOciRegistry({ host, env: {}, fetch: httpFetch, retry: { base: 1 } });

/** A source with the image and a target, both embedded registries behind proxies that can fail. */
export async function copyWorld() {
  const [source, target] = [await embedded(), await embedded()];
  await pushPiece(open(source), 'app', '1.0', image);
  const [from, to] = [await startFaultProxy(source), await startFaultProxy(target)];
  stops.push(from.stop, to.stop);
  const ends = [
    { registry: open(from.host), host: from.host, repository: 'app' },
    { registry: open(to.host), host: to.host, repository: 'copy' },
  ] as const;
  return { from, to, source: open(source), target: open(target), ends };
}

export type Ends = Awaited<ReturnType<typeof copyWorld>>['ends'];

export async function copy(ends: Ends, options: CopyOptions = {}) {
  return copyImage(await prepareCopy(request, ...ends), ...ends, options);
}

export const isUpload = ({ method, body }: Passing) => /PATCH|PUT/.test(method) && body.length > 1_000_000;
export const isLayer = ({ method, path }: Passing) => method === 'GET' && path.endsWith(layer);

export async function heldBy(registry: Registry, tag = '1.0'): Promise<Digest | undefined> {
  return (await registry.resolveReferences('copy', [tag])).get(tag);
}
