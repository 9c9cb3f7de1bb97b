import type { Descriptor } from '../image/descriptor.ts';
import type { Manifest } from '../image/manifest.ts';

/** As much of a manifest as a registry looks at. Nothing in it is checked beyond being where it belongs. */
export interface LooseManifest {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * A manifest as registries read it: a JSON object whose lists are lists. Undefined for anything else. What archweave
 * decides on goes through lib/image/read-manifest.ts, which is strict.
 */
export function looseManifest(bytes: Uint8Array): LooseManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { manifests, layers } = value as LooseManifest;
  if (manifests !== undefined && !isDescriptors(manifests)) return undefined;
  if (layers !== undefined && !isDescriptors(layers)) return undefined;
  return value as LooseManifest;
}

/** The entry for a manifest in the list of what refers to its subject, as the distribution specification words it. */
export function asReferrer(manifest: Manifest, content: LooseManifest): Descriptor {
  const artifactType = content.artifactType || content.config?.mediaType;
  return {
    mediaType: manifest.mediaType,
    digest: manifest.digest,
    size: manifest.bytes.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(content.annotations !== undefined && { annotations: content.annotations }),
  };
}

function isDescriptors(value: unknown): value is readonly Descriptor[] {
  return (
    Array.isArray(value) &&
    value.every(entry => typeof entry === 'object' && entry !== null && typeof entry.digest === 'string')
  );
}
