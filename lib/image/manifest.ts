import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';

/**
 * A manifest as a registry holds it. The bytes are the truth: `digest` is theirs and was checked, `mediaType` is
 * what the registry said and agrees with the field in the bytes, where there is one.
 */
export interface Manifest {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** What a manifest says. An artifact is an image manifest that is no image (signature, SBOM, attestation). */
export type ManifestContent =
  | {
      readonly kind: 'image' | 'artifact';
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
      readonly artifactType?: string;
      readonly subject?: Descriptor;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'index';
      readonly manifests: readonly Descriptor[];
      readonly artifactType?: string;
      readonly subject?: Descriptor;
      readonly annotations: Readonly<Record<string, string>>;
    };
