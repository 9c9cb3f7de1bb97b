import { digestOf } from './digest.ts';
import { Fields } from './fields.ts';
import type { Platform } from './platform.ts';
import { readPlatform } from './read-manifest.ts';

/**
 * The few things of an image's config that archweave looks at. The rest (environment, history) may hold secrets and
 * is never kept. `created` is as it stands there, checked by whoever orders by it.
 */
export interface ImageConfig {
  readonly platform: Platform;
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads an OCI or Docker image config. Throws `malformed` with the path of what is wrong. */
export function readImageConfig(bytes: Uint8Array): ImageConfig {
  const fields = Fields.parse(bytes, `read the image config ${digestOf(bytes)}`);
  const platform = readPlatform(fields);
  for (const name of ['os', 'architecture'] as const) {
    if (platform[name] === '') throw fields.complaint(name, 'is empty');
  }
  const created = fields.optionalString('created');
  return {
    platform,
    ...(created === undefined ? {} : { created }),
    labels: fields.optionalObject('config')?.optionalStringMap('Labels') ?? {},
  };
}
