import { ArchweaveError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import { Fields } from './fields.ts';
import type { Manifest, ManifestContent } from './manifest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  isIndexType,
  isManifestType,
  OCI_CONFIG,
} from './media-types.ts';
import type { Platform } from './platform.ts';

/** What registries have to take (distribution-spec 1.1), and so the largest manifest that makes sense to read or write. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

const STATEMENT = /^application\/vnd\.(?:in-toto\+json$|dsse\.|dev\.cosign\.|dev\.sigstore\.)/;

/**
 * What the manifest says, every field checked that archweave or a client will rely on.
 *
 * Throws `malformed` with the path of what is wrong, or `too-large` over 4 MiB. Fields that neither the OCI nor
 * Docker know are ignored; a document that could be read as an image and as an index is refused, since clients would
 * not agree on what it is (CVE-2021-41190).
 */
export function readManifestContent(manifest: Manifest): ManifestContent {
  const attempt = `read the manifest ${manifest.digest}`;
  if (manifest.bytes.byteLength > MAX_MANIFEST_BYTES) {
    const reason = `it has ${manifest.bytes.byteLength} bytes, more than ${MAX_MANIFEST_BYTES}`;
    throw new ArchweaveError({ code: 'too-large', attempt, reason });
  }
  if (!isManifestType(manifest.mediaType)) {
    throw new ArchweaveError({ code: 'malformed', attempt, reason: 'its media type is none of a manifest' });
  }
  const fields = Fields.parse(manifest.bytes, attempt);
  checkHead(fields, manifest.mediaType);
  return isIndexType(manifest.mediaType) ? readIndex(fields) : readImage(fields);
}

function checkHead(fields: Fields, mediaType: string): void {
  if (fields.values.schemaVersion !== 2) throw fields.complaint('schemaVersion', 'is not 2');
  const docker = mediaType === DOCKER_MANIFEST || mediaType === DOCKER_LIST;
  const written = docker ? fields.string('mediaType') : fields.optionalString('mediaType');
  if (written !== undefined && written !== mediaType) {
    throw fields.complaint('mediaType', `is not ${mediaType}, which the registry says it is`);
  }
}

function readIndex(fields: Fields): ManifestContent {
  for (const name of ['config', 'layers']) {
    if (fields.has(name)) throw fields.complaint(name, 'is there, which makes the index an image too');
  }
  return { kind: 'index', manifests: fields.objects('manifests').map(readDescriptor), ...readRest(fields) };
}

function readImage(fields: Fields): ManifestContent {
  if (fields.has('manifests'))
    throw fields.complaint('manifests', 'is there, which makes the image an index too');
  const rest = readRest(fields);
  const config = readDescriptor(fields.object('config'));
  const layers = fields.objects('layers').map(readDescriptor);
  const image = rest.artifactType === undefined && isImageConfig(config.mediaType) && !areStatements(layers);
  return { kind: image ? 'image' : 'artifact', config, layers, ...rest };
}

/**
 * buildx (until its `oci-artifact` option) and cosign dress attestations and signatures up as images, with the config
 * type of one; only the layers tell.
 */
function areStatements(layers: readonly Descriptor[]): boolean {
  return layers.length > 0 && layers.every(layer => STATEMENT.test(layer.mediaType));
}

function isImageConfig(mediaType: string): boolean {
  if (mediaType === OCI_CONFIG || mediaType === DOCKER_CONFIG) return true;
  return mediaType.startsWith('application/vnd.docker.container.image') && mediaType.endsWith('+json');
}

function readRest(fields: Fields) {
  const subject = fields.optionalObject('subject');
  return {
    ...present('artifactType', fields.optionalString('artifactType') || undefined),
    ...present('subject', subject && readDescriptor(subject)),
    annotations: fields.optionalStringMap('annotations') ?? {},
  };
}

function readDescriptor(fields: Fields): Descriptor {
  const mediaType = fields.string('mediaType');
  if (mediaType === '') throw fields.complaint('mediaType', 'is empty');
  const platform = fields.optionalObject('platform');
  return {
    mediaType,
    digest: fields.digest('digest'),
    size: fields.size('size'),
    ...present('platform', platform && readPlatform(platform)),
    ...present('annotations', fields.optionalStringMap('annotations')),
    ...present('artifactType', fields.optionalString('artifactType') || undefined),
    ...present('urls', fields.optionalStrings('urls')),
    ...present('data', fields.optionalString('data')),
  };
}

/** The platform in an index entry or an image config. Helm and cosign write empty names, so those are let through. */
export function readPlatform(fields: Fields): Platform {
  return {
    os: fields.string('os'),
    architecture: fields.string('architecture'),
    ...present('variant', fields.optionalString('variant')),
    ...present('os.version', fields.optionalString('os.version')),
    ...present('os.features', fields.optionalStrings('os.features')),
    ...present('features', fields.optionalStrings('features')),
  };
}

function present<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [P in K]: V });
}
