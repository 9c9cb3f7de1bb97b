import { parseDigest } from '../../image/digest.ts';
import type { UploadState } from '../interfaces.ts';
import { repositoryPath } from './address.ts';
import { statBlob } from './blobs.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import type { Blob, Open, SendOptions } from './send-options.ts';
import { Slices } from './slices.ts';
import { cancelUpload, knownLocation, rangeEnd, uploadCall } from './upload-call.ts';
import { uploadLocation } from './upload-location.ts';

/** Up to this size a blob goes in the closing request. Registries may keep nothing of one that breaks. */
const A_SMALL_BLOB = 4 * 1024 * 1024;

/** Larger ones go in requests of this size, or of the least that the registry takes, and go on where one breaks. */
const A_SLICE = 64 * 1024 * 1024;

/** One blob on its way: where it goes and how much of it is there. */
export class Upload {
  readonly #client: Client;
  readonly #repository: string;
  readonly #blob: Blob;
  readonly #open: Open;
  readonly #common: ReturnType<typeof uploadCall>;
  readonly #onState: (state: UploadState) => void;
  readonly #most: number;
  readonly #keep: boolean;
  readonly #whole: number;
  readonly #pause: AbortSignal | undefined;
  #slice: number;
  #location: URL | undefined;
  #offset = 0;
  /** Whether `#offset` is what the registry has, as far as we know. */
  #isCounted = false;
  /** Whether nothing that was sent earlier can still be on its way to it. */
  #isAlone = false;
  #forgotten = 0;
  /** The answer that there is no such upload. */
  #lost: unknown;
  #source: Slices | undefined;
  #isDone = false;

  constructor(
    client: Client,
    repository: string,
    blob: Blob,
    open: Open,
    at: UploadState | undefined,
    options: SendOptions,
  ) {
    const { signal, slice = A_SLICE, most = Number.POSITIVE_INFINITY, onState = () => {} } = options;
    this.#keep = options.keep ?? false;
    this.#whole = Math.min(slice, options.whole ?? A_SMALL_BLOB);
    this.#pause = options.pause;
    this.#client = client;
    this.#repository = repository;
    this.#blob = blob;
    this.#open = open;
    this.#slice = Math.min(slice, Math.max(most, 1));
    this.#most = most;
    this.#onState = onState;
    this.#common = uploadCall(client, repository, blob.digest, signal);
    if (at?.upload === undefined) return;
    this.#location = knownLocation(client, at.upload, this.#call('GET', ''));
    this.#offset = at.offset;
    this.#isCounted = true;
  }

  /** Goes on from what the registry has where it is cut short. */
  async run(): Promise<UploadState> {
    try {
      for (let arrived = false; !arrived; ) {
        const reached = this.#offset;
        arrived = await this.#resuming().catch(error => {
          // As long as it gets on, a line that breaks again and again is no reason to end.
          if (error.retryable === true && this.#offset > reached) return false;
          // The upload is gone. One that a registry goes on forgetting would be begun for ever.
          if (error === this.#lost && this.#forgotten++ === 0) return false;
          throw error;
        });
      }
    } catch (error) {
      const isKept = this.#keep && (error as { retryable?: unknown }).retryable === true;
      if (this.#location && !isKept && !this.#common.signal?.aborted)
        await cancelUpload(this.#client, this.#call('DELETE', this.#location), this.#location);
      throw error;
    }
    return this.#state();
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
      if (this.#location === undefined) await this.#beginBoth();
      else if (!this.#isCounted && !(await this.#catchUp())) return;
      await this.#send();
    } catch (error) {
      this.#isCounted = false;
      const failure = this.#source?.failure;
      if (failure === undefined && (error as { status?: unknown }).status === 404 && this.#location)
        this.#lost = error;
      throw failure ?? error;
    } finally {
      await this.#source?.close();
      this.#source = undefined;
    }
  }

  /** The source is opened meanwhile: over a distance that is half of the wait. */
  async #beginBoth(): Promise<void> {
    const opening = this.#blob.size > 0 ? this.#opened().then(source => source.begin()) : undefined;
    const outcomes = await Promise.allSettled([this.#begin(), opening]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  async #begin(): Promise<true> {
    const { algorithm } = parseDigest(this.#blob.digest)!;
    const query = algorithm === 'sha256' ? '' : `?digest-algorithm=${algorithm}`;
    const path = `${repositoryPath(this.#repository)}/blobs/uploads/${query}`;
    const call = { ...this.#call('POST', path), hoped: [202] };
    const answer = await this.#client.request(call);
    this.#location = uploadLocation(this.#client, call, answer);
    this.#offset = 0;
    this.#isCounted = true;
    this.#isAlone = true;
    const least = Number(answer.headers.get('oci-chunk-min-length') ?? 0);
    if (least > this.#slice) this.#slice = least;
    this.#onState(this.#state());
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
      this.#isDone = there !== undefined;
      return !this.#isDone && this.#begin();
    }
    this.#moveTo(call, answer);
    // `0-0` is said of nothing as well as of one byte: a registry with that byte gets all again.
    const end = rangeEnd(answer.headers);
    this.#offset = end > 0 ? end + 1 : 0;
    this.#isCounted = true;
    this.#isAlone = false;
    return true;
  }

  #state(): UploadState {
    const upload = this.#isDone ? undefined : this.#location?.href;
    return { ...(upload !== undefined && { upload }), offset: this.#offset, done: this.#isDone };
  }

  async #send(): Promise<void> {
    const { size } = this.#blob;
    if (this.#offset === 0 && size <= this.#whole && size <= this.#most) return this.#finish(size);
    const end = this.#offset + this.#most;
    while (this.#offset < size) {
      if (this.#offset >= end || this.#pause?.aborted) return;
      const sent = await this.#sendPart(Math.min(this.#slice, size - this.#offset));
      this.#offset += sent;
      this.#isAlone = true;
      this.#onState(this.#state());
    }
    await this.#finish(0);
  }

  /**
   * A PATCH of so many bytes, or of fewer where it is paused: then its length is not said before, as docker does it.
   * Where bytes of a broken request may still be coming in, it says where it begins, so that it is refused instead of
   * put behind those.
   */
  async #sendPart(length: number): Promise<number> {
    const pause = this.#isAlone ? this.#pause : undefined;
    const source = await this.#opened();
    const range = `${this.#offset}-${this.#offset + length - 1}`;
    const said = { 'content-length': String(length), 'content-range': range };
    const call: Call = {
      ...this.#call('PATCH', this.#location!),
      headers: { 'content-type': 'application/octet-stream', ...(pause === undefined && said) },
      resend: 'never',
      hoped: [202, 204],
      body: patience => source.take(length, patience, pause),
    };
    const before = source.taken;
    const answer = await this.#client.request(call);
    this.#moveTo(call, answer);
    return source.taken - before;
  }

  async #opened(): Promise<Slices> {
    this.#source ??= new Slices(await this.#open(this.#offset), this.#common.attempt);
    return this.#source;
  }

  /** The closing PUT, with the whole blob in it where that is small. */
  async #finish(length: number): Promise<void> {
    const at = new URL(this.#location!);
    // Appended as text: what the registry put there must come back as it was.
    at.search += `${at.search ? '&' : '?'}digest=${encodeURIComponent(this.#blob.digest)}`;
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(length) };
    const source = length === 0 ? undefined : await this.#opened();
    await this.#client.request({
      ...this.#call('PUT', at),
      headers,
      resend: 'never',
      body: source ? patience => source.take(length, patience) : new Uint8Array(0),
      hoped: [200, 201, 202, 204],
    });
    this.#offset = this.#blob.size;
    this.#isDone = true;
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
