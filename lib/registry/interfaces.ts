import type { ArchweaveError } from '../errors.ts';
import type { Descriptor } from '../image/descriptor.ts';
import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';

/**
 * What archweave needs of a registry, as narrow interfaces: reading and writing are different types, so that what
 * only looks cannot write. A vendor is one adapter that implements them; extras (`MutabilityReader`,
 * `RecentTagLister`) are found by narrowing.
 *
 * Common to all calls: `repository` is the name without the host; a failure is an `ArchweaveError` (lib/errors.ts)
 * whose `retryable` says whether waiting may help; `signal` ends the call and its requests.
 */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/**
 * One answer of a batch read. `absent` is an answer of the registry, never a failure to ask.
 * `unreadable` means that it is there and cannot be trusted or understood (wrong digest, too large, no JSON).
 */
export type Reading =
  | { readonly kind: 'found'; readonly manifest: Manifest; readonly pushedAt?: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly error: ArchweaveError };

export interface ManifestReader {
  /** Manifests by tag or digest, every digest checked; the map has one entry for each of `references`. */
  readManifests(
    repository: string,
    references: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, Reading>>;

  /** What tags (or digests) point at now, without reading the bytes; absent ones are undefined. */
  resolveReferences(
    repository: string,
    references: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlyMap<string, Digest | undefined>>;
}

export type BlobReading =
  | { readonly kind: 'found'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly error: ArchweaveError };

export interface BlobReader {
  /** Small blobs (image configs), each checked against its digest and at most `maxBytes` long (4 MiB by default). */
  readBlobs(
    repository: string,
    digests: readonly Digest[],
    options?: CallOptions & { readonly maxBytes?: number },
  ): Promise<ReadonlyMap<Digest, BlobReading>>;

  /** The size in bytes, or undefined where there is no such blob. */
  statBlob(repository: string, digest: Digest, options?: CallOptions): Promise<number | undefined>;

  /**
   * The bytes from `offset` on. Not checked: whoever reads to the end checks the digest. With `lend`, whoever reads
   * is done with each part before asking for the next, whose bytes may then take its place.
   */
  openBlob(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly offset?: number; readonly lend?: boolean },
  ): Promise<AsyncIterable<Uint8Array>>;
}

export interface BlobWriter {
  /**
   * Stores a blob that `open` yields from an offset on; where the upload breaks, it goes on from what the registry
   * has. Nothing is sent if the blob is there already. The registry checks the digest.
   */
  writeBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
    options?: CallOptions,
  ): Promise<void>;
}

/** How far a blob on its way is. `upload` names it at the registry, also to another process than the one that began it. */
export interface UploadState {
  readonly upload?: string;
  /** Bytes that the registry has acknowledged. */
  readonly offset: number;
  readonly done: boolean;
}

export interface UploadOptions extends CallOptions {
  /** About how many bytes to send before it answers, at least one request's worth; all of them where left out. */
  readonly most?: number;
  /**
   * Ends the call early and in good order, once the request under way is whole: registries forget an upload in which
   * a request broke. What is not done then is told, and goes on another time.
   */
  readonly pause?: AbortSignal;
  /** Up to how many bytes a blob may go in one request that can neither pause nor be gone on with; 4 MiB by default. */
  readonly whole?: number;
  /** Hears where the upload is as soon as it is begun, and then after each request. */
  readonly onState?: (state: UploadState) => void;
}

export interface BlobUploader {
  /**
   * Goes on with the upload of a blob, or begins one where there is none or the registry has forgotten it. Does not
   * look whether the blob is there. The registry checks the digest. It is done with each part that `open` yields
   * before it asks for the next.
   */
  uploadBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: (offset: number) => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>,
    at: UploadState | undefined,
    options?: UploadOptions,
  ): Promise<UploadState>;

  /** How many bytes the registry has of an upload that another process began; undefined where it knows it no more. */
  findUpload(repository: string, at: UploadState, options?: CallOptions): Promise<UploadState | undefined>;
}

export interface Mounter {
  /** Whether the registry could take the blob over from another of its repositories. */
  mountBlob(repository: string, digest: Digest, from: string, options?: CallOptions): Promise<boolean>;
}

/** How an import that a registry was asked for ended. */
export type ServerSideImport =
  | { readonly kind: 'imported' }
  /** It said no, or gave up. `begun`: a part of the image may be there. */
  | { readonly kind: 'refused'; readonly error: ArchweaveError; readonly begun: boolean }
  /** It was not done in time, and may yet end by itself, at any time. */
  | { readonly kind: 'deadline' };

export interface ServerSideOptions extends CallOptions {
  /** Milliseconds after which it is not waited for any longer. */
  readonly deadline: number;
  /** Hears what the registry says of it. */
  readonly onState?: (state: string) => void;
}

/** What a registry does by itself that fetches images from others, so that no byte goes through this process. */
export interface ServerSideImporter {
  /** An image that consists of more is refused. */
  readonly mostManifests: number;
  /** Whether it may fetch from the registry of this host. */
  importsFrom(host: string): boolean;
  /**
   * Has it fetch an image with all that it consists of, under its digest and no tag: a late end then changes nothing
   * that anybody sees. What it says of the outcome is not checked. Throws `interrupted` where `signal` ends it.
   */
  importImage(
    repository: string,
    image: { readonly host: string; readonly repository: string; readonly digest: Digest },
    options: ServerSideOptions,
  ): Promise<ServerSideImport>;
}

export interface ServerSideImporting {
  readonly serverSide: ServerSideImporter;
}

export interface UploadProbe {
  /** Begins an upload and gives it up: whether a push would be let in, told without pushing anything. */
  tryUpload(repository: string, options?: CallOptions): Promise<void>;
}

export interface ManifestWriter {
  /**
   * Puts a manifest under a tag or its digest. One attempt where `reference` is a tag: a resent write may land late
   * and undo somebody else's. Refusals are errors with code `immutable-tag`, `child-gone`, `unsupported`.
   */
  writeManifest(
    repository: string,
    reference: string,
    manifest: Manifest,
    options?: CallOptions,
  ): Promise<void>;
}

export interface ManifestDeleter {
  /** Takes a tag away, or a manifest by digest with all its tags. Deleting what is not there is no error. */
  deleteManifest(repository: string, reference: string, options?: CallOptions): Promise<void>;
}

/** `digest` and `pushedAt` (RFC 3339) are there where the registry's listing tells them without a read. */
export interface TagEntry {
  readonly tag: string;
  readonly digest?: Digest;
  readonly pushedAt?: string;
}

export interface TagLister {
  /** All tags of a repository, in pages; none where there is no such repository. */
  listTags(repository: string, options?: CallOptions): AsyncIterable<readonly TagEntry[]>;
}

/** What polling asks of a registry that lists its tags by the time they were last changed. */
export interface RecentTagLister {
  /**
   * The `limit` tags that changed last, newest first, each with the time it was made or moved (`pushedAt`), in one
   * request; none where there is no such repository.
   */
  newestTags(repository: string, limit: number, options?: CallOptions): Promise<readonly TagEntry[]>;
}

export interface RepositoryLister {
  listRepositories(options?: CallOptions): AsyncIterable<readonly string[]>;
}

export interface ReferrerReader {
  listReferrers(
    repository: string,
    digest: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<readonly Descriptor[]>;
}

export interface MutabilityReader {
  /** Those of `tags` that the registry would refuse to move. */
  immutableTags(
    repository: string,
    tags: readonly string[],
    options?: CallOptions,
  ): Promise<ReadonlySet<string>>;
}

/** What assembly works on. */
export type AssemblyRegistry = ManifestReader &
  BlobReader &
  ManifestWriter &
  TagLister &
  Partial<MutabilityReader>;

/** Everything that a full adapter has. */
export type Registry = AssemblyRegistry &
  BlobWriter &
  Mounter &
  ManifestDeleter &
  RepositoryLister &
  ReferrerReader;
