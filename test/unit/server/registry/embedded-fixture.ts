import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Digest } from '../../../../lib/image/digest.ts';
import { digestOf } from '../../../../lib/image/digest.ts';
import type { Manifest } from '../../../../lib/image/manifest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../../../lib/image/media-types.ts';
import { registryRoutes } from '../../../../lib/server/registry/routes.ts';
import { openStorage } from '../../../../lib/server/storage/open-storage.ts';
import type { Storage } from '../../../../lib/server/storage/storage.ts';
import { temporaryFolder } from '../../../support/e2e-run.ts';

export interface StorageFixture {
  readonly folder: string;
  readonly storage: Storage;
  stop(): Promise<void>;
}

/** A storage in a new folder, which goes with it. */
export async function newStorage(now?: () => number): Promise<StorageFixture> {
  const folder = temporaryFolder('storage');
  const storage = await openStorage(folder.path, now && { now });
  return {
    folder: folder.path,
    storage,
    async stop() {
      await storage.close();
      folder.remove();
    },
  };
}

type RoutesOptions = Parameters<typeof registryRoutes>[1];

/** The embedded registry behind Node's server, as `serve` runs it. `host` is HOST:PORT. */
export async function serveEmbedded(
  options: RoutesOptions = {},
): Promise<StorageFixture & { readonly host: string }> {
  const fixture = await newStorage();
  const app = registryRoutes(fixture.storage, options);
  const server = await new Promise<Server>(resolve => {
    const started = serve(
      { fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false },
      () => resolve(started as Server),
    );
  });
  return {
    ...fixture,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await fixture.stop();
    },
  };
}

export function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

export async function* stream(...pieces: (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
}

/** Stores a small blob as a client does. */
export async function storeBlob(storage: Storage, repository: string, text: string): Promise<Digest> {
  const digest = digestOf(Buffer.from(text));
  await storage.uploads.finish(storage.uploads.start(repository), digest, stream(text));
  return digest;
}

export function manifestOf(content: object, mediaType = OCI_MANIFEST): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { bytes, digest: digestOf(bytes), mediaType };
}

/** An image without layers; its config must be stored. */
export function imageOf(config: string, more: object = {}): Manifest {
  const digest = digestOf(Buffer.from(config));
  return manifestOf({ config: { mediaType: OCI_CONFIG, digest, size: config.length }, layers: [], ...more });
}
