import { createHash, type Hash } from 'node:crypto';
import { ArchweaveError, isArchweaveError } from '../errors.ts';
import { type Digest, parseDigest } from '../image/digest.ts';
import type { CopySource } from './copy-ends.ts';
import { type RateLimit, sleep } from './rate-limit.ts';
import type { Turns } from './turns.ts';

/** How often in a row a source may break without a byte in between. */
const PATIENCE = 5;
/** Milliseconds before the first of them is tried again; each further one waits twice as long. */
const FIRST_WAIT = 100;

export interface BlobStreamOptions {
  readonly signal?: AbortSignal | undefined;
  /** Nothing more is wanted: waiting for the rate limit or a turn ends. */
  readonly pause?: AbortSignal | undefined;
  readonly limit?: RateLimit | undefined;
  /** Where bytes beyond the first part wait for their turn. */
  readonly turns?: Turns | undefined;
  /** Whether whoever reads is done with each part before asking for the next. */
  readonly lend?: boolean | undefined;
  /** Hears how far the blob is, which may be less than before where the target had lost something. */
  readonly onPosition?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of a blob at the source, for an upload that may ask for them again from an earlier offset.
 *
 * A source that breaks, or ends too early, is opened again where it was, which also renews its address and token, so
 * that the target sees nothing of it. The digest is checked before the last bytes are handed on: what is wrong is
 * never whole at the target. Of a blob that another process began to send, the target checks the digest alone.
 */
export class BlobStream {
  readonly #source: CopySource;
  readonly #blob: { readonly digest: Digest; readonly size: number };
  readonly #options: BlobStreamOptions;
  readonly #hash: Hash;
  #hashed = 0;

  constructor(
    source: CopySource,
    blob: { readonly digest: Digest; readonly size: number },
    options: BlobStreamOptions = {},
  ) {
    this.#source = source;
    this.#blob = blob;
    this.#options = options;
    this.#hash = createHash(parseDigest(blob.digest)!.algorithm);
  }

  async *open(offset: number): AsyncGenerator<Uint8Array> {
    const { size } = this.#blob;
    const { limit, onPosition, turns } = this.#options;
    const wake = this.#wake();
    let position = offset;
    let giveBack: (() => void) | undefined;
    onPosition?.(position);
    try {
      for (let broken = 0; position < size; ) {
        const failure = { error: undefined as unknown };
        for await (const part of this.#parts(position, failure)) {
          broken = 0;
          this.#check(part, position);
          position += part.length;
          // The last part is on its way: the next blob may come, while this one is closed.
          if (position >= size) giveBack?.();
          if (limit !== undefined) await limit.take(part.length, wake);
          yield part;
          onPosition?.(position);
          // Not before the first part, so that its request waits for its answer meanwhile.
          if (position < size) giveBack ??= await turns?.take(wake);
        }
        if (position >= size) return;
        if (!this.#isWorthAnother(failure.error) || broken++ >= PATIENCE) throw this.#told(failure.error);
        await sleep(FIRST_WAIT * 2 ** (broken - 1), this.#options.signal);
      }
    } finally {
      giveBack?.();
    }
  }

  /** One opening of the source; why it ended is noted, so that it is not taken for an error of whoever reads. */
  async *#parts(position: number, failure: { error: unknown }): AsyncGenerator<Uint8Array> {
    const { registry, repository } = this.#source;
    const { signal, lend } = this.#options;
    let parts: AsyncIterator<Uint8Array> | undefined;
    try {
      const more = { offset: position, ...(signal && { signal }), ...(lend && { lend }) };
      const opened = await registry.openBlob(repository, this.#blob.digest, more);
      parts = opened[Symbol.asyncIterator]();
    } catch (error) {
      failure.error = error;
      return;
    }
    try {
      for (;;) {
        const next = await parts.next().catch(error => {
          failure.error = error;
        });
        if (next === undefined || next.done) return;
        if (next.value.length > 0) yield next.value;
      }
    } finally {
      await parts.return?.().catch(() => {});
    }
  }

  #check(part: Uint8Array, position: number): void {
    const { digest, size } = this.#blob;
    const end = position + part.length;
    if (end > size) throw this.#wrong(`it is longer than the ${size} bytes that its manifest says`);
    const fresh = part.subarray(Math.max(0, this.#hashed - position));
    // Before a blob that was begun elsewhere there is a gap: then there is nothing to compare.
    if (position > this.#hashed || fresh.length === 0) return;
    this.#hash.update(fresh);
    this.#hashed = end;
    if (end < size) return;
    const { algorithm } = parseDigest(digest)!;
    if (`${algorithm}:${this.#hash.digest('hex')}` !== digest) {
      throw this.#wrong('the source sent other bytes than its digest says');
    }
  }

  /** What ends a wait of ours: nobody who stops is kept waiting for a slow limit. */
  #wake(): AbortSignal | undefined {
    const both = [this.#options.signal, this.#options.pause].filter(signal => signal !== undefined);
    return both.length > 1 ? AbortSignal.any(both) : both[0];
  }

  #isWorthAnother(error: unknown): boolean {
    if (this.#options.signal?.aborted) return false;
    // A source that ends too early says nothing.
    return error === undefined || (isArchweaveError(error) && error.retryable);
  }

  #told(error: unknown): unknown {
    if (isArchweaveError(error)) return error.with({ side: 'source' });
    if (error !== undefined) return error;
    return new ArchweaveError({
      code: 'malformed',
      attempt: `read ${this.#name()}`,
      side: 'source',
      reason: `the source ends before the ${this.#blob.size} bytes that its manifest says`,
    });
  }

  #wrong(reason: string): ArchweaveError {
    const reference = this.#name();
    return new ArchweaveError({
      code: 'digest-mismatch',
      attempt: `read ${reference}`,
      side: 'source',
      reference,
      reason,
    });
  }

  #name(): string {
    return `${this.#source.host}/${this.#source.repository}@${this.#blob.digest}`;
  }
}
