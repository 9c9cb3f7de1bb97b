import type { Digest } from '../../image/digest.ts';
import type { Manifest } from '../../image/manifest.ts';
import type { BlobUploader, BlobWriter, CallOptions, Registry, UploadState } from '../interfaces.ts';
import { trustCertificates } from '../trust-certificates.ts';
import { Authorizer } from './authorizer.ts';
import { openBlob, readBlobs, statBlob } from './blobs.ts';
import { Client } from './client.ts';
import { Endpoint } from './endpoint.ts';
import type { RequestLine } from './exchange.ts';
import { type Environment, type LoginSource, loginSource } from './login.ts';
import { readManifests, resolveReferences } from './manifest-reads.ts';
import { deleteManifest, writeManifest } from './manifest-writes.ts';
import { PATIENT, type RetryPolicy } from './retry.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

export interface OciOptions {
  /** With its port, where it has one: `127.0.0.1:5000`, `docker.io`. */
  readonly host: string;
  /** True: plain http. False: https, on this machine too. Left out: plain http on this machine only. */
  readonly plainHttp?: boolean;
  /** A pointer as in archweave.yaml (`env:VAR`), or what finds the login instead of the usual places. */
  readonly credentials?: string | LoginSource;
  /** Certificates (PEM) to trust besides the usual ones; from then on in the whole process. */
  readonly ca?: string;
  /** Milliseconds for one request with its answer; 30,000 by default. */
  readonly timeout?: number;
  /** Hears of each request once it was answered, token servers' and redirects' included. */
  readonly onRequest?: (line: RequestLine) => void;
  readonly retry?: Partial<RetryPolicy>;
  readonly env?: Environment;
  /** Milliseconds since 1970, for tokens' ends. */
  readonly now?: () => number;
  readonly fetch?: typeof fetch;
}

/** A registry that speaks the OCI distribution API. Nothing is sent before the first call. */
export function openOciRegistry(options: OciOptions): Registry & BlobUploader {
  const { host, plainHttp, credentials, ca, onRequest, env = process.env, now = Date.now } = options;
  if (ca !== undefined) trustCertificates(ca);
  const wire = {
    // Looked up at each call, so that a program may still replace it.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout: options.timeout ?? DEFAULT_TIMEOUT_MS,
    ...(onRequest && { onRequest }),
  };
  const means = { wire, retry: { ...PATIENT, ...options.retry }, now };
  const source = typeof credentials === 'function' ? credentials : loginSource(credentials, env);
  return new OciRegistry(
    new Client(new Endpoint(host, plainHttp), new Authorizer(host, source, means), means),
  );
}

// What only some commands need is loaded when they do: each module costs every start a millisecond.
class OciRegistry implements Registry, BlobUploader {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  readManifests(repository: string, references: readonly string[], options?: CallOptions) {
    return readManifests(this.#client, repository, references, options);
  }

  resolveReferences(repository: string, references: readonly string[], options?: CallOptions) {
    return resolveReferences(this.#client, repository, references, options);
  }

  readBlobs(repository: string, digests: readonly Digest[], options?: CallOptions & { maxBytes?: number }) {
    return readBlobs(this.#client, repository, digests, options);
  }

  statBlob(repository: string, digest: Digest, options?: CallOptions) {
    return statBlob(this.#client, repository, digest, options);
  }

  openBlob(repository: string, digest: Digest, options?: CallOptions & { offset?: number; lend?: boolean }) {
    return openBlob(this.#client, repository, digest, options);
  }

  async writeBlob(...[repository, blob, open, options]: Parameters<BlobWriter['writeBlob']>) {
    const { writeBlob } = await import('./uploads.ts');
    return writeBlob(this.#client, repository, blob, open, options);
  }

  async tryUpload(repository: string, options?: CallOptions) {
    const { tryUpload } = await import('./try-upload.ts');
    return tryUpload(this.#client, repository, options);
  }

  async uploadBlob(...[repository, blob, open, at, options]: Parameters<BlobUploader['uploadBlob']>) {
    const { uploadBlob } = await import('./uploads.ts');
    return uploadBlob(this.#client, repository, blob, open, at, options);
  }

  async findUpload(repository: string, at: UploadState, options?: CallOptions) {
    const { findUpload } = await import('./uploads.ts');
    return findUpload(this.#client, repository, at, options);
  }

  async mountBlob(repository: string, digest: Digest, from: string, options?: CallOptions) {
    const { mountBlob } = await import('./uploads.ts');
    return mountBlob(this.#client, repository, digest, from, options);
  }

  writeManifest(repository: string, reference: string, manifest: Manifest, options?: CallOptions) {
    return writeManifest(this.#client, repository, reference, manifest, options);
  }

  deleteManifest(repository: string, reference: string, options?: CallOptions) {
    return deleteManifest(this.#client, repository, reference, options);
  }

  async *listTags(repository: string, options?: CallOptions) {
    const { listTags } = await import('./listings.ts');
    yield* listTags(this.#client, repository, options);
  }

  async *listRepositories(options?: CallOptions) {
    const { listRepositories } = await import('./listings.ts');
    yield* listRepositories(this.#client, options);
  }

  async listReferrers(repository: string, digest: Digest, options?: CallOptions & { artifactType?: string }) {
    const { listReferrers } = await import('./referrers.ts');
    return listReferrers(this.#client, repository, digest, options);
  }
}
