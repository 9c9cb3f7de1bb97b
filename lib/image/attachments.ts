import type { Descriptor } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';
import { DOCKER_CONFIG, isManifestType, OCI_CONFIG } from './media-types.ts';
import { isKnownPlatform } from './platform.ts';

const REFERENCE_TYPE = 'vnd.docker.reference.type';

/** Annotations of an index entry that name the entry it belongs to: buildx attestations and SOCI indexes. */
const LINKS = ['vnd.docker.reference.digest', 'com.amazon.soci.image-manifest-digest'];

const IMAGE_CONFIGS: readonly string[] = [OCI_CONFIG, DOCKER_CONFIG];

/** The digest of the image in the same index that this entry belongs to, or undefined where it stands for itself. */
export function attachedTo(entry: Descriptor): Digest | undefined {
  return LINKS.map(name => annotation(entry, name)).find(link => link !== undefined && isDigest(link)) as
    | Digest
    | undefined;
}

/**
 * Whether a client may run what this index entry refers to, an image or an index of images.
 *
 * False for attestations, SOCI and nydus entries, other artifacts, `unknown/unknown`, and media types that archweave
 * does not read. An entry without a platform is runnable: its config says what it is. An `artifactType` that is an
 * image config's says nothing else than "image": `crane index append` writes it on every entry.
 */
export function isRunnable(entry: Descriptor): boolean {
  return (
    isManifestType(entry.mediaType) &&
    (entry.platform === undefined || isKnownPlatform(entry.platform)) &&
    annotation(entry, REFERENCE_TYPE) === undefined &&
    attachedTo(entry) === undefined &&
    (!entry.artifactType || IMAGE_CONFIGS.includes(entry.artifactType))
  );
}

function annotation(entry: Descriptor, name: string): string | undefined {
  const { annotations } = entry;
  return annotations !== undefined && Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}
