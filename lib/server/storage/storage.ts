import { randomUUID } from 'node:crypto';
import type { Push } from '../../events/push.ts';
import type { Digest } from '../../image/digest.ts';
import type { Manifest, ManifestContent } from '../../image/manifest.ts';
import type { BlobStore } from './blob-store.ts';
import type { Catalogue } from './catalogue.ts';
import type { ManifestStore, Page, Removed } from './manifest-store.ts';
import type { UploadStore } from './upload-store.ts';

/** A manifest was pushed or deleted. The registry's name is for the listener to add. */
export type StorageEvent = Omit<Push, 'registry' | 'digest' | 'mediaType'> & {
  readonly digest: Digest;
  readonly mediaType: string;
};

export type StorageListener = (event: StorageEvent) => void;

interface StorageParts {
  readonly catalogue: Catalogue;
  readonly manifests: ManifestStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly now: () => number;
  readonly release: () => Promise<void>;
}

/**
 * Everything the embedded registry holds, on disk. What a call stored is there after kill -9.
 *
 * Writes of manifests go through this class, whoever makes them, because it tells the listeners. Names, tags and
 * digests are checked by the caller.
 */
export class Storage {
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly #parts: StorageParts;
  readonly #listeners = new Set<StorageListener>();

  constructor(parts: StorageParts) {
    this.blobs = parts.blobs;
    this.uploads = parts.uploads;
    this.#parts = parts;
  }

  get manifests(): Pick<ManifestStore, 'read' | 'resolve' | 'tags' | 'referrers'> {
    return this.#parts.manifests;
  }

  /**
   * Calls `listener` after each change, once it is stored. It must not throw: the one who made the change would
   * hear of it. The function that comes back ends it.
   */
  listen(listener: StorageListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** ManifestStore.put, with one event for each tag, or one without a tag. */
  putManifest(repository: string, manifest: Manifest, tags: readonly string[]): ManifestContent {
    const time = new Date(this.#parts.now()).toISOString();
    const content = this.#parts.manifests.put(repository, manifest, tags, time);
    this.#tell('push', repository, { ...manifest, tags }, time);
    return content;
  }

  /** Whether the tag was there. */
  deleteTag(repository: string, tag: string): boolean {
    return this.#deleted(repository, this.#parts.manifests.deleteTag(repository, tag));
  }

  /** Whether the manifest was there. Each tag that held it has its event; without tags there is one for the digest. */
  deleteManifest(repository: string, digest: Digest): boolean {
    return this.#deleted(repository, this.#parts.manifests.deleteManifest(repository, digest));
  }

  /** Whether anything was ever pushed to it. */
  hasRepository(name: string): boolean {
    return this.#parts.catalogue.get('SELECT 1 FROM repositories WHERE name = ?', name) !== undefined;
  }

  /** Names of repositories that hold a manifest, sorted. */
  repositories({ after = '', limit }: Page): readonly string[] {
    const sql = `SELECT name FROM repositories r WHERE name > ?
      AND EXISTS (SELECT 1 FROM manifests m WHERE m.repository = r.id) ORDER BY name LIMIT ?`;
    return this.#parts.catalogue.all<{ name: string }>(sql, after, limit).map(({ name }) => name);
  }

  /** Lets another process have the storage. Calls after it fail. */
  async close(): Promise<void> {
    await this.#parts.release();
    this.#parts.catalogue.close();
  }

  #deleted(repository: string, removed: Removed | undefined): boolean {
    if (removed === undefined) return false;
    this.#tell('delete', repository, removed, new Date(this.#parts.now()).toISOString());
    return true;
  }

  #tell(action: StorageEvent['action'], repository: string, what: Removed, time: string): void {
    const { digest, mediaType } = what;
    const tagged = what.tags.length === 0 ? [{}] : what.tags.map(tag => ({ tag }));
    for (const tag of tagged) {
      const event = { repository, ...tag, digest, mediaType, action, time, id: randomUUID() };
      for (const listener of this.#listeners) listener(event);
    }
  }
}
