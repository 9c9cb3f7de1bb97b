import { type Digest, parseDigest } from '../../image/digest.ts';
import type { BlobWriter, CallOptions } from '../interfaces.ts';
import { nameOf, pulling, pushing, repositoryPath } from './address.ts';
import { statBlob } from './blobs.ts';
import type { Call, Client } from './client.ts';
import { Slices } from './slices.ts';
import { uploadLocation } from './upload-location.ts';

/** Up to this size a blob goes in the closing request. Registries may keep nothing of one that breaks. */
const A_SMALL_BLOB = 4 * 1024 * 1024;

/** Larger ones go in requests of this size, or of the least that the registry takes, and go on where one breaks. */
const A_SLICE = 64 * 1024 * 1024;

type Blob = Parameters<BlobWriter['writeBlob']>[1];
type Open = Parameters<BlobWriter['writeBlob']>[2];

/** `Mounter.mountBlob`: an upload that the registry begins instead is ended at once. */
export async function mountBlob(
  client: Client,
  repository: string,
  digest: Digest,
  from: string,
  { signal }: CallOptions = {},
): Promise<boolean> {
  const name = nameOf(client, repository, digest);
  const call: Call = {
    ...common(client, repository, digest, signal),
    attempt: `mount ${name} from ${from}`,
    method: 'POST',
    at: `${repositoryPath(repository)}/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(repositoryPath(from))}`,
    scopes: [pushing(repository), pulling(from)],
    hoped: [201, 202, 404, 405],
  };
  const answer = await client.request(call);
  if (answer.status === 202) await cancel(client, call, uploadLocation(client, call, answer));
  return answer.status === 201;
}

/** `BlobWriter.writeBlob`. `slice` is how many bytes go in one request. */
export async function writeBlob(
  client: Client,
  repository: string,
  blob: Blob,
  open: Open,
  { signal, slice = A_SLICE }: CallOptions & { readonly slice?: number } = {},
): Promise<void> {
  await new Upload(client, repository, blob, open, slice, signal).run();
}

function common(client: Client, repository: string, digest: Digest, signal: AbortSignal | undefined) {
  const name = nameOf(client, repository, digest);
  const scopes = [pushing(repository)];
  return { attempt: `write ${name}`, reference: name, scopes, resend: 'always' as const, signal };
}

/** Clients should end what they do not finish; that it fails is of no consequence. */
async function cancel(client: Client, call: Call, location: URL): Promise<void> {
  const { body: _, headers: __, ...rest } = call;
  await client
    .request({ ...rest, method: 'DELETE', at: location, resend: 'never', hoped: [200, 202, 204, 404] })
    .catch(() => {});
}

/** One blob on its way: where it goes and how much of it is there. */
class Upload {
  readonly #client: Client;
  readonly #repository: string;
  readonly #blob: Blob;
  readonly #open: Open;
  readonly #common: ReturnType<typeof common>;
  #slice: number;
  #location: URL | undefined;
  #offset = 0;
  #source: Slices | undefined;

  constructor(
    client: Client,
    repository: string,
    blob: Blob,
    open: Open,
    slice: number,
    signal: AbortSignal | undefined,
  ) {
    this.#client = client;
    this.#repository = repository;
    this.#blob = blob;
    this.#open = open;
    this.#slice = slice;
    this.#common = common(client, repository, blob.digest, signal);
  }

  /** Sends it unless it is there, and goes on from what the registry has where that is cut short. */
  async run(): Promise<void> {
    if (await this.#isThere()) return;
    try {
      for (let arrived = false; !arrived; ) {
        const reached = this.#offset;
        arrived = await this.#resuming().catch(error => {
          // As long as it gets on, a line that breaks again and again is no reason to end.
          if (error.retryable === true && this.#offset > reached) return false;
          throw error;
        });
      }
    } catch (error) {
      if (this.#location && !this.#common.signal?.aborted)
        await cancel(this.#client, this.#call('DELETE', this.#location), this.#location);
      throw error;
    }
  }

  async #resuming(): Promise<true> {
    let renewals = 0;
    await this.#client.persistently('always', this.#common.signal, () =>
      this.#try().catch(error => {
        // The registry may still be taking in what came before the connection broke; then it has more in a moment.
        if (error.status === 416) throw error.with({ retryable: true });
        // A token that ended in the middle.
        if (error.status !== 401 || renewals++ > 0) throw error;
        return this.#try();
      }),
    );
    return true;
  }

  async #try(): Promise<void> {
    try {
      if (this.#location === undefined ? await this.#begin() : await this.#catchUp()) await this.#send();
    } catch (error) {
      throw this.#source?.failure ?? error;
    } finally {
      await this.#source?.close();
      this.#source = undefined;
    }
  }

  async #begin(): Promise<true> {
    const { algorithm } = parseDigest(this.#blob.digest)!;
    const query = algorithm === 'sha256' ? '' : `?digest-algorithm=${algorithm}`;
    const path = `${repositoryPath(this.#repository)}/blobs/uploads/${query}`;
    const call = { ...this.#call('POST', path), hoped: [202] };
    const answer = await this.#client.request(call);
    this.#location = uploadLocation(this.#client, call, answer);
    this.#offset = 0;
    const least = Number(answer.headers.get('oci-chunk-min-length') ?? 0);
    if (least > this.#slice) this.#slice = least;
    return true;
  }

  /** Asks what arrived. Whether there is anything left to do. */
  async #catchUp(): Promise<boolean> {
    const call = { ...this.#call('GET', this.#location!), hoped: [200, 204, 404] };
    const answer = await this.#client.request(call);
    if (answer.status === 404) {
      const { signal } = this.#common;
      const there = await statBlob(
        this.#client,
        this.#repository,
        this.#blob.digest,
        signal ? { signal } : {},
      );
      return there === undefined && this.#begin();
    }
    this.#moveTo(call, answer);
    // `0-0` is said of nothing as well as of one byte: a registry with that byte gets all again.
    const end = rangeEnd(answer.headers);
    this.#offset = end > 0 ? end + 1 : 0;
    return true;
  }

  async #isThere(): Promise<boolean> {
    const { scopes, signal } = this.#common;
    const options = { scopes, ...(signal && { signal }) };
    return (await statBlob(this.#client, this.#repository, this.#blob.digest, options)) !== undefined;
  }

  async #send(): Promise<void> {
    const { size } = this.#blob;
    if (this.#offset === 0 && size <= Math.min(this.#slice, A_SMALL_BLOB)) return this.#finish(size);
    while (this.#offset < size) {
      const length = Math.min(this.#slice, size - this.#offset);
      const range = `${this.#offset}-${this.#offset + length - 1}`;
      const call: Call = {
        ...(await this.#sending('PATCH', this.#location!, length, range)),
        hoped: [202, 204],
      };
      const answer = await this.#client.request(call);
      this.#moveTo(call, answer);
      this.#offset += length;
    }
    await this.#finish(0);
  }

  /** The closing PUT, with the whole blob in it where that is small. */
  async #finish(length: number): Promise<void> {
    const at = new URL(this.#location!);
    // Appended as text: what the registry put there must come back as it was.
    at.search += `${at.search ? '&' : '?'}digest=${encodeURIComponent(this.#blob.digest)}`;
    const call = await this.#sending('PUT', at, length);
    await this.#client.request({ ...call, hoped: [200, 201, 202, 204] });
  }

  async #sending(method: 'PATCH' | 'PUT', at: URL, length: number, range?: string): Promise<Call> {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(length),
      ...(range !== undefined && { 'content-range': range }),
    };
    const call: Call = { ...this.#call(method, at), headers, resend: 'never' };
    if (length === 0) return { ...call, body: new Uint8Array(0) };
    this.#source ??= new Slices(await this.#open(this.#offset), call.attempt);
    const source = this.#source;
    return { ...call, body: patience => source.take(length, patience) };
  }

  #moveTo(
    call: Call,
    answer: { readonly url: URL; readonly headers: Headers; readonly status: number },
  ): void {
    if (answer.headers.has('location')) this.#location = uploadLocation(this.#client, call, answer);
  }

  #call(method: Call['method'], at: string | URL): Call {
    return { ...this.#common, method, at, hoped: [] };
  }
}

/** The last byte that the registry has, by its `Range` header: `0-1023`. */
function rangeEnd(headers: Headers): number {
  return Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(headers.get('range') ?? '')?.[1] ?? 0);
}
