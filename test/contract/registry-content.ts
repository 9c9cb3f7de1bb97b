import { expect } from '@jest/globals';
import { type ErrorCode, isArchweaveError } from '../../lib/errors.ts';
import type { Descriptor } from '../../lib/image/descriptor.ts';
import { type Digest, digestOf } from '../../lib/image/digest.ts';
import type { Manifest } from '../../lib/image/manifest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../lib/image/media-types.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';

/** A manifest made of a value, as it would be pushed. */
export function manifestOf(mediaType: string, value: object): Manifest {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...value })));
  return { bytes, digest: digestOf(bytes), mediaType };
}

export function descriptorOf({ bytes, digest, mediaType }: Manifest): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

export function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

export async function* stream(bytes: Uint8Array, offset = 0, part = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
}

export async function pushBlob(registry: Registry, repository: string, bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes);
  await registry.writeBlob(repository, { digest, size: bytes.length }, offset => stream(bytes, offset));
  return digest;
}

/** An image with a config of its own, whose blobs are there; under a tag where one is given. */
export async function pushImage(
  registry: Registry,
  repository: string,
  name: string,
  { tag, docker = false, more = {} }: { tag?: string; docker?: boolean; more?: object } = {},
): Promise<Manifest> {
  const config = bytesOf(
    JSON.stringify({ architecture: 'arm64', os: 'linux', config: { Labels: { name } } }),
  );
  const digest = await pushBlob(registry, repository, config);
  const manifest = manifestOf(docker ? DOCKER_MANIFEST : OCI_MANIFEST, {
    config: { mediaType: docker ? DOCKER_CONFIG : OCI_CONFIG, digest, size: config.length },
    layers: [],
    ...more,
  });
  await registry.writeManifest(repository, tag ?? manifest.digest, manifest);
  return manifest;
}

export function indexOf(...children: readonly Manifest[]): Manifest {
  const platform = { os: 'linux', architecture: 'arm64' };
  return manifestOf(OCI_INDEX, { manifests: children.map(child => ({ ...descriptorOf(child), platform })) });
}

export async function collect<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

export async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

/** That the work is refused as an archweave error with this code. */
export async function expectRefusal(work: Promise<unknown>, code: ErrorCode): Promise<void> {
  const failure = await work.then(
    () => 'it was not refused',
    error => error,
  );
  expect(isArchweaveError(failure) ? failure.code : failure).toBe(code);
}
