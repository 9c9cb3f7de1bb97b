import type { Descriptor } from '../image/descriptor.ts';
import { type Digest, isDigest, matchesDigest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import { MAX_MANIFEST_BYTES } from '../image/read-manifest.ts';
import { endIfAborted } from './end-if-aborted.ts';
import type {
  BlobReading,
  BlobUploader,
  CallOptions,
  MutabilityReader,
  Reading,
  Registry,
  TagEntry,
  UploadOptions,
  UploadState,
} from './interfaces.ts';
import { checkManifest, refusal } from './memory-checks.ts';
import { emptyRepository, type MemoryRepository, referrersOf } from './memory-repository.ts';
import { takeUpload } from './memory-uploads.ts';

const TAGS_A_PAGE = 100;

/** What `onEvent` hears, after the change is visible. A delete by digest names no tag, as registries do it. */
export interface MemoryEvent {
  readonly repository: string;
  readonly tag?: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly action: 'push' | 'delete';
}

interface MemoryRegistryOptions {
  /** Milliseconds since 1970. Without a clock the registry does not say when a tag was pushed, like many real ones. */
  readonly now?: () => number;
  readonly onEvent?: (event: MemoryEvent) => void;
}

/**
 * A registry in memory that works, for tests to use and to break one method of. It checks what real ones check:
 * digests, media types, size, that an index's children exist, immutable tags. It does not ask for an image's blobs.
 */
export class MemoryRegistry implements Registry, BlobUploader, MutabilityReader {
  readonly #repositories = new Map<string, MemoryRepository>();
  readonly #now: (() => number) | undefined;
  readonly #onEvent: (event: MemoryEvent) => void;

  constructor({ now, onEvent = () => {} }: MemoryRegistryOptions = {}) {
    this.#now = now;
    this.#onEvent = onEvent;
  }

  /** Fixes (or frees) a tag: it can be pushed with what it holds only. */
  setImmutable(repository: string, tag: string, immutable = true): void {
    const { immutable: fixed } = this.#make(repository);
    if (immutable) fixed.add(tag);
    else fixed.delete(tag);
  }

  async readManifests(repository: string, references: readonly string[], options?: CallOptions) {
    endIfAborted(options, `read ${repository}`);
    const readings = new Map<string, Reading>();
    for (const reference of references) {
      const manifest = this.#find(repository, reference);
      const pushedAt = this.#repositories.get(repository)?.tags.get(reference)?.pushedAt;
      const found = manifest && { kind: 'found' as const, manifest, ...(pushedAt && { pushedAt }) };
      readings.set(reference, found ?? { kind: 'absent' });
    }
    return readings;
  }

  async resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    endIfAborted(options, `read ${repository}`);
    return new Map(references.map(reference => [reference, this.#find(repository, reference)?.digest]));
  }

  async readBlobs(
    repository: string,
    digests: readonly Digest[],
    options?: CallOptions & { readonly maxBytes?: number },
  ) {
    endIfAborted(options, `read ${repository}`);
    const limit = options?.maxBytes ?? MAX_MANIFEST_BYTES;
    const readings = new Map<Digest, BlobReading>();
    for (const digest of digests) {
      const bytes = this.#repositories.get(repository)?.blobs.get(digest);
      const error = refusal('too-large', `read ${repository}@${digest}`);
      if (bytes === undefined) readings.set(digest, { kind: 'absent' });
      else
        readings.set(digest, bytes.length > limit ? { kind: 'unreadable', error } : { kind: 'found', bytes });
    }
    return readings;
  }

  async statBlob(repository: string, digest: Digest, options?: CallOptions): Promise<number | undefined> {
    endIfAborted(options, `read ${repository}@${digest}`);
    return this.#repositories.get(repository)?.blobs.get(digest)?.length;
  }

  async openBlob(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly offset?: number },
  ): Promise<AsyncIterable<Uint8Array>> {
    endIfAborted(options, `read ${repository}@${digest}`);
    const bytes = this.#repositories.get(repository)?.blobs.get(digest);
    if (bytes === undefined)
      throw refusal('not-found', `read ${repository}@${digest}`, 'there is no such blob');
    return once(bytes.subarray(options?.offset ?? 0));
  }

  async writeBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
    options?: CallOptions,
  ): Promise<void> {
    const attempt = `write ${repository}@${blob.digest}`;
    endIfAborted(options, attempt);
    if (this.#repositories.get(repository)?.blobs.has(blob.digest)) return;
    const parts: Uint8Array[] = [];
    for await (const part of await open(0)) parts.push(part);
    endIfAborted(options, attempt);
    const bytes = new Uint8Array(Buffer.concat(parts));
    if (!matchesDigest(bytes, blob.digest)) throw refusal('digest-mismatch', attempt);
    this.#make(repository).blobs.set(blob.digest, bytes);
  }

  async uploadBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
    at: UploadState | undefined,
    options: UploadOptions = {},
  ): Promise<UploadState> {
    endIfAborted(options, `write ${repository}@${blob.digest}`);
    const { upload, bytes } = await takeUpload(this.#make(repository).uploads, open, at, options);
    endIfAborted(options, `write ${repository}@${blob.digest}`);
    if (bytes.length < blob.size) return { upload, offset: bytes.length, done: false };
    await this.writeBlob(repository, blob, () => once(bytes), options);
    return { offset: bytes.length, done: true };
  }

  async findUpload(repository: string, { upload = '' }: UploadState): Promise<UploadState | undefined> {
    const bytes = this.#repositories.get(repository)?.uploads.get(upload);
    return bytes && { upload, offset: bytes.length, done: false };
  }

  async mountBlob(repository: string, digest: Digest, from: string, options?: CallOptions): Promise<boolean> {
    endIfAborted(options, `mount ${repository}@${digest}`);
    const bytes = this.#repositories.get(from)?.blobs.get(digest);
    if (bytes === undefined) return false;
    this.#make(repository).blobs.set(digest, bytes);
    return true;
  }

  async writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    const byDigest = isDigest(reference);
    const attempt = `write ${repository}${byDigest ? '@' : ':'}${reference}`;
    endIfAborted(options, attempt);
    const known = this.#repositories.get(repository) ?? emptyRepository();
    const digest = checkManifest(known, reference, manifest, attempt);
    const stored = this.#make(repository);
    stored.manifests.set(digest, { ...manifest, digest });
    const pushedAt = this.#now && new Date(this.#now()).toISOString();
    if (!byDigest) stored.tags.set(reference, { digest, ...(pushedAt && { pushedAt }) });
    this.#tell(repository, byDigest ? undefined : reference, stored.manifests.get(digest)!, 'push');
  }

  async deleteManifest(repository: string, reference: string, options?: CallOptions): Promise<void> {
    endIfAborted(options, `delete ${repository}:${reference}`);
    const stored = this.#repositories.get(repository);
    const manifest = this.#find(repository, reference);
    if (stored === undefined || manifest === undefined) return;
    if (!isDigest(reference)) {
      stored.tags.delete(reference);
      return this.#tell(repository, reference, manifest, 'delete');
    }
    stored.manifests.delete(reference);
    for (const [tag, { digest }] of stored.tags) if (digest === reference) stored.tags.delete(tag);
    this.#tell(repository, undefined, manifest, 'delete');
  }

  async *listTags(repository: string, options?: CallOptions): AsyncIterable<readonly TagEntry[]> {
    const entries = [...(this.#repositories.get(repository)?.tags ?? [])]
      .map(([tag, entry]): TagEntry => ({ tag, ...entry }))
      .sort((a, b) => (a.tag < b.tag ? -1 : 1));
    for (let start = 0; start < entries.length; start += TAGS_A_PAGE) {
      endIfAborted(options, `list ${repository}`);
      yield entries.slice(start, start + TAGS_A_PAGE);
    }
  }

  async *listRepositories(options?: CallOptions): AsyncIterable<readonly string[]> {
    endIfAborted(options, 'list repositories');
    yield [...this.#repositories.keys()].sort();
  }

  async listReferrers(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]> {
    endIfAborted(options, `read ${repository}@${digest}`);
    return referrersOf(this.#repositories.get(repository), digest).filter(
      entry => options?.artifactType === undefined || entry.artifactType === options.artifactType,
    );
  }

  async immutableTags(repository: string, tags: readonly string[], options?: CallOptions) {
    endIfAborted(options, `read ${repository}`);
    return new Set(tags.filter(tag => this.#repositories.get(repository)?.immutable.has(tag)));
  }

  #find(repository: string, reference: string): Manifest | undefined {
    const stored = this.#repositories.get(repository);
    const digest = isDigest(reference) ? reference : stored?.tags.get(reference)?.digest;
    return digest && stored?.manifests.get(digest);
  }

  #make(repository: string): MemoryRepository {
    const known = this.#repositories.get(repository);
    if (known) return known;
    const made = emptyRepository();
    this.#repositories.set(repository, made);
    return made;
  }

  #tell(repository: string, tag: string | undefined, manifest: Manifest, action: 'push' | 'delete'): void {
    const { digest, mediaType } = manifest;
    this.#onEvent({ repository, ...(tag !== undefined && { tag }), digest, mediaType, action });
  }
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}
