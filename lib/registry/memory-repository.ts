import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { asReferrer, looseManifest } from './loose-manifest.ts';

/** What a `MemoryRegistry` holds under one name. */
export interface MemoryRepository {
  readonly manifests: Map<Digest, Manifest>;
  readonly tags: Map<string, { readonly digest: Digest; readonly pushedAt?: string }>;
  readonly blobs: Map<Digest, Uint8Array>;
  /** What came so far of those under way. */
  readonly uploads: Map<string, Uint8Array>;
  readonly immutable: Set<string>;
}

export function emptyRepository(): MemoryRepository {
  return {
    manifests: new Map(),
    tags: new Map(),
    blobs: new Map(),
    uploads: new Map(),
    immutable: new Set(),
  };
}

/** What names a manifest as its subject. */
export function referrersOf(repository: MemoryRepository | undefined, digest: Digest): readonly Descriptor[] {
  return [...(repository?.manifests.values() ?? [])].flatMap(manifest => {
    const content = looseManifest(manifest.bytes);
    return content?.subject?.digest === digest ? [asReferrer(manifest, content)] : [];
  });
}
