import { readFileSync } from 'node:fs';
import { digestOf } from '../../../lib/image/digest.ts';
import type { Manifest } from '../../../lib/image/manifest.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';

const FOLDER = new URL('../../fixtures/manifests/', import.meta.url);

/** The bytes of a file in test/fixtures/manifests. */
export function fixtureBytes(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.json`, FOLDER));
}

/** A fixture as a registry would hand it out; one that names no media type is an OCI manifest. */
export function fixtureManifest(name: string): Manifest {
  return manifestOf(fixtureBytes(name));
}

export function manifestOf(bytes: Uint8Array, mediaType?: string): Manifest {
  const written = mediaType ?? JSON.parse(new TextDecoder().decode(bytes)).mediaType ?? OCI_MANIFEST;
  return { bytes, digest: digestOf(bytes), mediaType: written };
}

/** A manifest of this value; its media type is the one in it, unless it is given. */
export function manifestOfJson(value: unknown, mediaType?: string): Manifest {
  return manifestOf(new TextEncoder().encode(JSON.stringify(value)), mediaType);
}
