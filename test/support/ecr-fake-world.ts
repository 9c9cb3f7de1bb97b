import type { Digest } from '../../lib/image/digest.ts';
import { type LooseManifest, looseManifest } from '../../lib/registry/loose-manifest.ts';
import type { Storage, StorageEvent } from '../../lib/server/storage/storage.ts';

/** What the fake answers with status 400, or 500 for `ServerException`. */
export class EcrFault extends Error {
  override readonly name: string;
  readonly status: number;
  readonly more: object;

  constructor(name: string, message: string, more: object = {}, status?: number) {
    super(message);
    this.name = name;
    this.more = more;
    this.status = status ?? (name === 'ServerException' ? 500 : 400);
  }
}

export interface FakeImage {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly content: LooseManifest;
  readonly manifestSize: number;
  readonly pushedAt: number;
  readonly tags: Set<string>;
  archived: boolean;
}

export interface FakeRepository {
  readonly name: string;
  readonly createdAt: number;
  mutability: string;
  exclusions: readonly { readonly filterType: string; readonly filter: string }[];
  /** In the order in which they were pushed first. */
  readonly images: Map<string, FakeImage>;
}

interface WorldOptions {
  readonly storage: Storage;
  readonly account: string;
  readonly region: string;
  readonly createOnPush: boolean;
  readonly now: () => number;
}

/**
 * What the fake knows of its repositories beside what the storage holds. It hears of every push and delete from the
 * storage, so that an image that came in by another door is there too.
 */
export class EcrWorld {
  readonly storage: Storage;
  readonly account: string;
  readonly region: string;
  readonly repositories = new Map<string, FakeRepository>();
  /** The fake's own address, once it listens. */
  endpoint = '';
  /** What a presigned address ends in. */
  readonly signatures = new Map<string, { readonly repository: string; readonly digest: Digest }>();
  readonly uploads = new Map<
    string,
    { readonly repository: string; parts: number; size: number; last: number }
  >();
  readonly #createOnPush: boolean;
  readonly #now: () => number;

  constructor({ storage, account, region, createOnPush, now }: WorldOptions) {
    this.storage = storage;
    this.account = account;
    this.region = region;
    this.#createOnPush = createOnPush;
    this.#now = now;
    storage.listen(event => this.#heard(event));
  }

  create(name: string): FakeRepository {
    const repository: FakeRepository = {
      name,
      createdAt: this.#now(),
      mutability: 'MUTABLE',
      exclusions: [],
      images: new Map(),
    };
    this.repositories.set(name, repository);
    return repository;
  }

  /** Throws as ECR does for a repository that is not there; a push makes one where a creation template says so. */
  repository(name: string, { pushing = false } = {}): FakeRepository {
    const found = this.repositories.get(name);
    if (found !== undefined) return found;
    if (pushing && this.#createOnPush) return this.create(name);
    throw new EcrFault(
      'RepositoryNotFoundException',
      `The repository with name '${name}' does not exist in the registry with id '${this.account}'`,
    );
  }

  /** The image that an imageId names. */
  find({ images }: FakeRepository, id: { imageDigest?: string; imageTag?: string }): FakeImage | undefined {
    if (id.imageDigest !== undefined) return images.get(id.imageDigest);
    return [...images.values()].find(({ tags }) => tags.has(id.imageTag ?? ''));
  }

  /** Whether an image of the repository refers to a layer or config. */
  isReferred({ images }: FakeRepository, digest: string): boolean {
    return [...images.values()].some(({ content: { config, layers = [] } }) =>
      [config, ...layers].some(blob => blob?.digest === digest),
    );
  }

  #heard({ repository: name, tag, digest, mediaType, action }: StorageEvent): void {
    const repository = this.repositories.get(name) ?? this.create(name);
    const { images } = repository;
    const stored = this.storage.manifests.read(name, digest);
    if (action === 'push' && stored !== undefined) {
      if (!images.has(digest)) {
        images.set(digest, {
          digest,
          mediaType,
          content: looseManifest(stored.bytes) ?? {},
          manifestSize: stored.bytes.length,
          pushedAt: this.#now(),
          tags: new Set(),
          archived: false,
        });
      }
      if (tag !== undefined) for (const { tags } of images.values()) tags.delete(tag);
      // A push of what is archived restores it.
      images.get(digest)!.archived = false;
      if (tag !== undefined) images.get(digest)!.tags.add(tag);
      return;
    }
    if (tag !== undefined) images.get(digest)?.tags.delete(tag);
    if (stored === undefined) images.delete(digest);
  }
}

/** What the SDK sends; nothing of it is trusted to be there. */
export interface EcrInput {
  readonly repositoryName?: string;
  readonly repositoryNames?: readonly string[];
  readonly imageIds?: readonly { imageDigest?: string; imageTag?: string }[];
  readonly imageId?: { imageDigest?: string; imageTag?: string };
  readonly acceptedMediaTypes?: readonly string[];
  readonly imageManifest?: string;
  readonly imageManifestMediaType?: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
  readonly filter?: { tagStatus?: string; imageStatus?: string; artifactTypes?: readonly string[] };
  readonly nextToken?: string;
  readonly maxResults?: number;
  readonly layerDigests?: readonly string[];
  readonly layerDigest?: string;
  readonly uploadId?: string;
  readonly partFirstByte?: number;
  readonly partLastByte?: number;
  readonly layerPartBlob?: string;
  readonly imageTagMutability?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly { filterType: string; filter: string }[];
  readonly subjectId?: { imageDigest?: string };
  readonly ecrRepositoryPrefix?: string;
  readonly upstreamRegistryUrl?: string;
  readonly replicationConfiguration?: object;
}

export type Operation = (world: EcrWorld, input: EcrInput) => object | Promise<object>;

/** A page of a list, and where the next begins. */
export function pageOf<T>(
  all: readonly T[],
  { nextToken, maxResults = 100 }: Pick<EcrInput, 'nextToken' | 'maxResults'>,
  most = 1000,
): { readonly page: readonly T[]; readonly next: { readonly nextToken?: string } } {
  if (maxResults < 1 || maxResults > most) {
    throw new EcrFault(
      'InvalidParameterException',
      `Invalid parameter at 'maxResults' failed to satisfy constraint: 'must be between 1 and ${most}'`,
    );
  }
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  const end = start + maxResults;
  const next = end < all.length ? { nextToken: Buffer.from(String(end)).toString('base64url') } : {};
  return { page: all.slice(start, end), next };
}

/** Every operation on images takes a hundred at most. */
export function checkIds(ids: readonly object[]): void {
  if (ids.length >= 1 && ids.length <= 100) return;
  throw new EcrFault(
    'InvalidParameterException',
    "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
  );
}
