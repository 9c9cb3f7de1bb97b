import type { Digest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import type {
  BlobUploader,
  BlobWriter,
  CallOptions,
  RecentTagLister,
  Registry,
  ServerSideImporter,
  ServerSideImporting,
  UploadState,
} from '../interfaces.ts';
import type { Client } from '../oci/client.ts';
import type { RequestLine } from '../oci/exchange.ts';
import type { Environment } from '../oci/login.ts';
import type { RetryPolicy } from '../oci/retry.ts';
import type { AcrAccess } from './access.ts';
import type { Right } from './acr-error.ts';
import type { AzureIdentity } from './azure-identity.ts';

export interface AcrOptions {
  /** As references name it: `contoso.azurecr.io`. */
  readonly host: string;
  /** Who asks; made at the first request, since the code that finds out is large (open-identity.ts). */
  readonly identity: () => Promise<AzureIdentity>;
  /** Milliseconds for one request with its answer; 30,000 by default. */
  readonly timeout?: number;
  /** Hears of each request to the registry once it was answered. */
  readonly onRequest?: (line: RequestLine) => void;
  readonly retry?: Partial<RetryPolicy>;
  /** Where docker's own files are looked for, which count where nobody is logged in to Azure. */
  readonly env?: Environment;
  /** Milliseconds since 1970, for tokens' ends. */
  readonly now?: () => number;
  /** For what goes by the distribution API, and for logging in. */
  readonly fetch?: typeof fetch;
  /** Where it may fetch images by itself (server-side.ts); given by who has that, since its SDK is large. */
  readonly serverSide?: ServerSideImporter;
}

/**
 * A registry of ACR: manifests and tags by the SDK's clients, blobs and what those cannot do by the distribution API,
 * all with the same tokens. Neither SDK nor identity is loaded, and nothing sent, before the first call.
 *
 * What it cannot do: manifests by other digests than sha256, which is the SDK's.
 */
export function openAcrRegistry(
  options: AcrOptions,
): Registry & BlobUploader & RecentTagLister & Partial<ServerSideImporting> {
  return new AcrRegistry(options);
}

// What there is to load is imported by the call that needs it: each module costs every start a millisecond.
class AcrRegistry implements Registry, BlobUploader, RecentTagLister {
  readonly #options: AcrOptions;
  #connected: Promise<AcrAccess> | undefined;
  declare readonly serverSide?: ServerSideImporter;

  constructor(options: AcrOptions) {
    this.#options = options;
    if (options.serverSide !== undefined) this.serverSide = options.serverSide;
  }

  async readManifests(repository: string, references: readonly string[], options?: CallOptions) {
    const { readManifests } = await import('./manifest-reads.ts');
    return readManifests(await this.#access(), repository, references, options);
  }

  async resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    const { resolveReferences } = await import('./manifest-reads.ts');
    return resolveReferences(await this.#access(), repository, references, options);
  }

  async readBlobs(
    repository: string,
    digests: readonly Digest[],
    options?: CallOptions & { maxBytes?: number },
  ) {
    const { readBlobs } = await import('../oci/blobs.ts');
    return this.#byProtocol('read', client => readBlobs(client, repository, digests, options));
  }

  async statBlob(repository: string, digest: Digest, options?: CallOptions) {
    const { statBlob } = await import('../oci/blobs.ts');
    return this.#byProtocol('read', client => statBlob(client, repository, digest, options));
  }

  async openBlob(
    repository: string,
    digest: Digest,
    options?: CallOptions & { offset?: number; lend?: boolean },
  ) {
    const { openBlob } = await import('../oci/blobs.ts');
    return this.#byProtocol('read', client => openBlob(client, repository, digest, options));
  }

  async writeBlob(...[repository, blob, open, options]: Parameters<BlobWriter['writeBlob']>) {
    const { writeBlob } = await import('../oci/uploads.ts');
    return this.#byProtocol('write', client => writeBlob(client, repository, blob, open, options));
  }

  async uploadBlob(...[repository, blob, open, at, options]: Parameters<BlobUploader['uploadBlob']>) {
    const { uploadBlob } = await import('../oci/uploads.ts');
    return this.#byProtocol('write', client => uploadBlob(client, repository, blob, open, at, options));
  }

  async findUpload(repository: string, at: UploadState, options?: CallOptions) {
    const { findUpload } = await import('../oci/uploads.ts');
    return this.#byProtocol('write', client => findUpload(client, repository, at, options));
  }

  async mountBlob(repository: string, digest: Digest, from: string, options?: CallOptions) {
    const { mountBlob } = await import('../oci/uploads.ts');
    return this.#byProtocol('write', client => mountBlob(client, repository, digest, from, options));
  }

  async writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    const { writeManifest } = await import('./manifest-writes.ts');
    return writeManifest(await this.#access(), repository, reference, manifest, options);
  }

  async deleteManifest(repository: string, reference: string, options?: CallOptions) {
    const { deleteManifest } = await import('./manifest-writes.ts');
    return deleteManifest(await this.#access(), repository, reference, options);
  }

  async *listTags(repository: string, options?: CallOptions) {
    const { listTags } = await import('./listings.ts');
    yield* listTags(await this.#access(), repository, options);
  }

  async newestTags(repository: string, limit: number, options?: CallOptions) {
    const { newestTags } = await import('./listings.ts');
    return newestTags(await this.#access(), repository, limit, options);
  }

  async *listRepositories(options?: CallOptions) {
    const { listRepositories } = await import('./listings.ts');
    yield* listRepositories(await this.#access(), options);
  }

  async listReferrers(repository: string, digest: Digest, options?: CallOptions & { artifactType?: string }) {
    const { listReferrers } = await import('../oci/referrers.ts');
    return this.#byProtocol('read', client => listReferrers(client, repository, digest, options));
  }

  #access(): Promise<AcrAccess> {
    this.#connected ??= import('./connect.ts').then(({ connect }) => connect(this.#options));
    return this.#connected;
  }

  async #byProtocol<T>(right: Right, work: (client: Client) => Promise<T>): Promise<T> {
    const { told } = await import('./access.ts');
    const access = await this.#access();
    return told(access, right, work(access.client));
  }
}
