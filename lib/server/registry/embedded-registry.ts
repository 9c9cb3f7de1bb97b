import { ArchweaveError, type ErrorCode } from '../../errors.ts';
import type { Descriptor } from '../../image/descriptor.ts';
import { type Digest, type DigestAlgorithm, isDigest, matchesDigest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import { isRepositoryName, isTag } from '../../image/names.ts';
import type { BlobReading, CallOptions, Reading, Registry, TagEntry } from '../../registry/interfaces.ts';
import type { Storage } from '../storage/storage.ts';
import type { ByteSource } from '../storage/upload-store.ts';

const MAX_BLOB_BYTES = 4 * 1024 * 1024;
const ENTRIES_A_PAGE = 1000;

/**
 * The embedded registry for code in the same process: the same storage as its HTTP side, and the same events, without
 * HTTP. Tags are listed with their digests and times, so that a sweep reads no manifest it knows.
 */
export class EmbeddedRegistry implements Registry {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async readManifests(repository: string, references: readonly string[], options?: CallOptions) {
    endIfAborted(options, `read ${repository}`);
    return new Map(references.map(reference => [reference, this.#readManifest(repository, reference)]));
  }

  async resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    endIfAborted(options, `read ${repository}`);
    const { manifests } = this.#storage;
    return new Map(
      references.map(reference => [reference, manifests.resolve(repository, reference)?.digest] as const),
    );
  }

  async readBlobs(
    repository: string,
    digests: readonly Digest[],
    options?: CallOptions & { readonly maxBytes?: number },
  ) {
    const readings = new Map<Digest, BlobReading>();
    for (const digest of digests) {
      endIfAborted(options, `read ${repository}@${digest}`);
      readings.set(digest, await this.#readBlob(repository, digest, options?.maxBytes ?? MAX_BLOB_BYTES));
    }
    return readings;
  }

  async statBlob(repository: string, digest: Digest, options?: CallOptions): Promise<number | undefined> {
    endIfAborted(options, `read ${repository}@${digest}`);
    return this.#storage.blobs.stat(repository, digest);
  }

  async openBlob(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly offset?: number },
  ): Promise<AsyncIterable<Uint8Array>> {
    const attempt = `read ${repository}@${digest}`;
    endIfAborted(options, attempt);
    const size = this.#storage.blobs.stat(repository, digest);
    if (size === undefined) throw failure('not-found', attempt, 'there is no such blob');
    const offset = Math.min(options?.offset ?? 0, size);
    return watched(this.#storage.blobs.read(digest, offset, size - offset), options, attempt);
  }

  async writeBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
    options?: CallOptions,
  ): Promise<void> {
    const attempt = `write ${repository}@${blob.digest}`;
    endIfAborted(options, attempt);
    demandName(repository, attempt);
    if (!isDigest(blob.digest)) throw failure('bad-reference', attempt);
    if (this.#storage.blobs.stat(repository, blob.digest) !== undefined) return;
    const source = watched(await open(0), options, attempt);
    const { uploads } = this.#storage;
    const upload = uploads.start(repository, blob.digest.split(':')[0] as DigestAlgorithm);
    try {
      await uploads.finish(upload, blob.digest, source);
    } catch (error) {
      uploads.cancel(upload);
      throw error;
    }
  }

  async mountBlob(repository: string, digest: Digest, from: string, options?: CallOptions): Promise<boolean> {
    const attempt = `mount ${repository}@${digest}`;
    endIfAborted(options, attempt);
    demandName(repository, attempt);
    return this.#storage.blobs.mount(repository, digest, from);
  }

  async writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    const byDigest = isDigest(reference);
    const attempt = `write ${repository}${byDigest ? '@' : ':'}${reference}`;
    endIfAborted(options, attempt);
    demandName(repository, attempt);
    if (!byDigest && !isTag(reference)) throw failure('bad-reference', attempt, 'this is no valid tag');
    const digest = byDigest ? reference : manifest.digest;
    this.#storage.putManifest(repository, { ...manifest, digest }, byDigest ? [] : [reference]);
  }

  async deleteManifest(repository: string, reference: string, options?: CallOptions): Promise<void> {
    endIfAborted(options, `delete ${repository}:${reference}`);
    if (isDigest(reference)) this.#storage.deleteManifest(repository, reference);
    else this.#storage.deleteTag(repository, reference);
  }

  async *listTags(repository: string, options?: CallOptions): AsyncIterable<readonly TagEntry[]> {
    let after: string | undefined;
    for (;;) {
      endIfAborted(options, `list ${repository}`);
      const page = this.#storage.manifests.tags(repository, { after, limit: ENTRIES_A_PAGE });
      if (page.length > 0) yield page;
      if (page.length < ENTRIES_A_PAGE) return;
      after = page.at(-1)!.tag;
    }
  }

  async *listRepositories(options?: CallOptions): AsyncIterable<readonly string[]> {
    let after: string | undefined;
    for (;;) {
      endIfAborted(options, 'list repositories');
      const page = this.#storage.repositories({ after, limit: ENTRIES_A_PAGE });
      if (page.length > 0) yield page;
      if (page.length < ENTRIES_A_PAGE) return;
      after = page.at(-1);
    }
  }

  async listReferrers(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]> {
    endIfAborted(options, `read ${repository}@${digest}`);
    const page = { limit: Number.MAX_SAFE_INTEGER, artifactType: options?.artifactType };
    return this.#storage.manifests.referrers(repository, digest, page);
  }

  #readManifest(repository: string, reference: string): Reading {
    const found = this.#storage.manifests.read(repository, reference);
    if (found === undefined) return { kind: 'absent' };
    const { bytes, digest, mediaType, pushedAt } = found;
    if (!matchesDigest(bytes, digest)) {
      return { kind: 'unreadable', error: failure('digest-mismatch', `read ${repository}@${digest}`) };
    }
    return {
      kind: 'found',
      manifest: { bytes, digest, mediaType },
      ...(pushedAt !== undefined && { pushedAt }),
    };
  }

  async #readBlob(repository: string, digest: Digest, limit: number): Promise<BlobReading> {
    const size = this.#storage.blobs.stat(repository, digest);
    if (size === undefined) return { kind: 'absent' };
    const attempt = `read ${repository}@${digest}`;
    if (size > limit) {
      const reason = `it has ${size} bytes, more than ${limit}`;
      return { kind: 'unreadable', error: failure('too-large', attempt, reason) };
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#storage.blobs.read(digest, 0, size)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    if (matchesDigest(bytes, digest)) return { kind: 'found', bytes };
    return { kind: 'unreadable', error: failure('digest-mismatch', attempt) };
  }
}

/** The same bytes, ended by the signal between two pieces. */
async function* watched(source: ByteSource, options: CallOptions | undefined, attempt: string): ByteSource {
  for await (const piece of source) {
    endIfAborted(options, attempt);
    yield piece;
  }
}

function demandName(repository: string, attempt: string): void {
  if (!isRepositoryName(repository)) {
    throw failure('bad-reference', attempt, 'this is no valid name of a repository');
  }
}

function endIfAborted(options: CallOptions | undefined, attempt: string): void {
  if (options?.signal?.aborted) {
    throw new ArchweaveError({ code: 'interrupted', attempt, cause: options.signal.reason });
  }
}

function failure(code: ErrorCode, attempt: string, reason?: string): ArchweaveError {
  return new ArchweaveError({ code, attempt, ...(reason !== undefined && { reason }) });
}
