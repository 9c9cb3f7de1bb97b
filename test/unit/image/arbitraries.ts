import fc from 'fast-check';
import type { Descriptor } from '../../../lib/image/descriptor.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import type { Platform } from '../../../lib/image/platform.ts';

// Spellings that mean the same are frequent, so that equal and unequal pairs both come up.
const os = fc.constantFrom('linux', 'Linux', 'windows', 'darwin', 'macos', 'unknown', '');
const architecture = fc.constantFrom(
  'amd64',
  'x86_64',
  'AMD64',
  'arm64',
  'aarch64',
  'arm',
  'armhf',
  'armel',
  '386',
  'i386',
  's390x',
);
const variant = fc.constantFrom(
  '',
  'v1',
  'v2',
  '5',
  'v6',
  '7',
  'v7',
  '8',
  'v8',
  'v8.0',
  'V8',
  'v8.2',
  '9',
  '9.0',
  'v9',
);
const version = fc.constantFrom('', '10.0.17763', '10.0.17763.1697', '10.0.177630', '10.0.20348', '10.0');
const feature = fc.constantFrom('win32k', 'nydus.remoteimage.v1', 'sse4');
const featureList = fc.array(feature, { maxLength: 3 });

export const anyPlatform: fc.Arbitrary<Platform> = fc.record(
  { os, architecture, variant, 'os.version': version, 'os.features': featureList, features: featureList },
  { requiredKeys: ['os', 'architecture'] },
);

export const anyDigest = fc.nat(20).map(number => digestOf(Uint8Array.of(number)));

export const anyAnnotations = fc.dictionary(
  fc.oneof(
    fc.string(),
    fc.constantFrom('10', '9', '__proto__', 'constructor', 'org.opencontainers.image.version'),
  ),
  fc.string(),
  { maxKeys: 5 },
);

export const anyDescriptor: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.constant(OCI_MANIFEST),
    digest: anyDigest,
    size: fc.nat(),
    platform: anyPlatform,
    annotations: anyAnnotations,
    artifactType: fc.constantFrom('', 'application/vnd.example+json'),
    urls: fc.array(fc.webUrl(), { maxLength: 2 }),
    data: fc.base64String(),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
);

/** The same value with the keys of every object in it in another order. */
export function withShuffledKeys<T>(value: T, order: (names: string[]) => string[]): T {
  if (Array.isArray(value)) return value.map(item => withShuffledKeys(item, order)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Record<string, unknown>;
  return Object.fromEntries(
    order(Object.keys(source)).map(name => [name, withShuffledKeys(source[name], order)]),
  ) as T;
}
