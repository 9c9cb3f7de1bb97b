import type { Digest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import type {
  BlobUploader,
  BlobWriter,
  CallOptions,
  MutabilityReader,
  Registry,
  UploadState,
} from '../interfaces.ts';
import type { EcrAccess } from './access.ts';
import type { EcrClientOptions, EcrClients } from './clients.ts';
import type { Mutability } from './mutability.ts';
import { PartMemory } from './part-memory.ts';
import { LEAST_PART } from './part-size.ts';

export interface EcrOptions extends EcrClientOptions {
  /** Twelve digits. Left out: the caller's own, whose registry needs no name. */
  readonly account?: string;
  /** Whose registry is asked, where that is not `account`. */
  readonly registryId?: string;
  /** As references name the registry; the usual host of account and Region by default. */
  readonly host?: string;
  /** Clients that are there already (`ecrClients`), for programs that keep them warm. */
  readonly clients?: EcrClients;
  /** For layers, which come from a store beside ECR. */
  readonly fetch?: typeof fetch;
}

/** Bytes of parts that are held for all uploads together; as base64 they are a third more. */
const PARTS_AT_ONCE = 20 * 1024 * 1024;

/**
 * A registry of ECR, by its own API: no docker token, and manifests read a hundred a call. The SDK is loaded at the
 * first call, and nothing is sent before it.
 *
 * What ECR cannot do: mount a blob from another repository (`mountBlob` is false), hold blobs that no image refers
 * to for reading, blobs without bytes, digests but sha256, and take the last tag away from an image
 * (`deleteManifest`).
 */
export function openEcrRegistry(options: EcrOptions): Registry & BlobUploader & MutabilityReader {
  const { account, region, registryId = account, timeout = 30_000, onRequest } = options;
  const usual = account && region ? `${account}.dkr.ecr.${region}.amazonaws.com` : 'ecr';
  let clients: Promise<EcrClients> | undefined;
  return new EcrRegistry({
    host: options.host ?? usual,
    ...(registryId !== undefined && { registryId }),
    clients: () => {
      clients ??=
        options.clients === undefined
          ? import('./clients.ts').then(({ ecrClients }) => ecrClients(options))
          : Promise.resolve(options.clients);
      return clients;
    },
    parts: new PartMemory(PARTS_AT_ONCE, LEAST_PART),
    // Looked up at each call, so that a program may still replace it.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout,
    ...(onRequest !== undefined && { onRequest }),
  });
}

// All that loads the SDK is imported by the call that needs it: a command that talks to another registry does not.
class EcrRegistry implements Registry, BlobUploader, MutabilityReader {
  readonly #access: EcrAccess;
  #mutability: Mutability | undefined;

  constructor(access: EcrAccess) {
    this.#access = access;
  }

  async readManifests(repository: string, references: readonly string[], options?: CallOptions) {
    const { readManifests } = await import('./manifest-reads.ts');
    return readManifests(this.#access, repository, references, options);
  }

  async resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    const { resolveReferences } = await import('./manifest-reads.ts');
    return resolveReferences(this.#access, repository, references, options);
  }

  async readBlobs(
    repository: string,
    digests: readonly Digest[],
    options?: CallOptions & { maxBytes?: number },
  ) {
    const { readBlobs } = await import('./layer-reads.ts');
    return readBlobs(this.#access, repository, digests, options);
  }

  async statBlob(repository: string, digest: Digest, options?: CallOptions) {
    const { statBlob } = await import('./layer-reads.ts');
    return statBlob(this.#access, repository, digest, options);
  }

  async openBlob(repository: string, digest: Digest, options?: CallOptions & { offset?: number }) {
    const { openBlob } = await import('./layer-reads.ts');
    return openBlob(this.#access, repository, digest, options);
  }

  async writeBlob(...[repository, blob, open, options]: Parameters<BlobWriter['writeBlob']>) {
    const { writeBlob } = await import('./uploads.ts');
    return writeBlob(this.#access, repository, blob, open, options);
  }

  async tryUpload(repository: string, options?: CallOptions) {
    const { tryUpload } = await import('./try-upload.ts');
    return tryUpload(this.#access, repository, options);
  }

  async uploadBlob(...[repository, blob, open, at, options]: Parameters<BlobUploader['uploadBlob']>) {
    const { uploadBlob } = await import('./uploads.ts');
    return uploadBlob(this.#access, repository, blob, open, at, options);
  }

  /** ECR answers no such question. It refuses a part that does not follow what it has, and says where it goes on. */
  async findUpload(_repository: string, at: UploadState): Promise<UploadState | undefined> {
    return at.upload === undefined ? undefined : at;
  }

  /** Only its distribution API can, of accounts that have switched it on. */
  async mountBlob(): Promise<boolean> {
    return false;
  }

  async writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    const { writeManifest } = await import('./manifest-writes.ts');
    return writeManifest(this.#access, repository, reference, manifest, options);
  }

  async deleteManifest(repository: string, reference: string, options?: CallOptions) {
    const { deleteManifest } = await import('./manifest-writes.ts');
    return deleteManifest(this.#access, repository, reference, options);
  }

  async *listTags(repository: string, options?: CallOptions) {
    const { listTags } = await import('./listings.ts');
    yield* listTags(this.#access, repository, options);
  }

  async *listRepositories(options?: CallOptions) {
    const { listRepositories } = await import('./listings.ts');
    yield* listRepositories(this.#access, options);
  }

  async listReferrers(repository: string, digest: Digest, options?: CallOptions & { artifactType?: string }) {
    const { listReferrers } = await import('./listings.ts');
    return listReferrers(this.#access, repository, digest, options);
  }

  async immutableTags(repository: string, tags: readonly string[], options?: CallOptions) {
    const { Mutability } = await import('./mutability.ts');
    this.#mutability ??= new Mutability(this.#access);
    return this.#mutability.immutableTags(repository, tags, options);
  }
}
