import { ArchweaveError } from '../../errors.ts';
import type { Patience } from './patience.ts';

/**
 * A stream that is taken in slices of a known size, and knows whether it was the one that failed: fetch says the
 * same of a body that breaks and of a connection that does.
 */
export class Slices {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #attempt: string;
  #left: Uint8Array = new Uint8Array(0);
  #next: Promise<IteratorResult<Uint8Array>> | undefined;
  /** How many bytes were handed on so far. */
  taken = 0;
  /** What the source threw, or that it ended too early. */
  failure: unknown;

  constructor(source: AsyncIterable<Uint8Array>, attempt: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#attempt = attempt;
  }

  /** The next `size` bytes, fewer once `pause` is aborted. The deadline runs while the other side takes them, not while the source is awaited. */
  async *take(size: number, patience: Patience, pause?: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let missing = size; missing > 0 && !pause?.aborted; ) {
      patience.pause();
      const part = this.#left.length > 0 ? this.#left : await this.#pull(missing);
      patience.renew();
      this.#left = part.subarray(missing);
      const handed = part.length - this.#left.length;
      missing -= handed;
      this.taken += handed;
      if (handed > 0) yield part.subarray(0, handed);
    }
    patience.renew();
  }

  /** Begins to read, so that the source is on its way while something else is awaited. */
  begin(): void {
    this.#next ??= this.#source.next();
    this.#next.catch(() => {});
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    try {
      await this.#source.return?.();
    } catch {
      // It is not wanted any more, whatever it says.
    }
  }

  async #pull(missing: number): Promise<Uint8Array> {
    try {
      const next = this.#next ?? this.#source.next();
      this.#next = undefined;
      const { done, value } = await next;
      if (!done) return value;
    } catch (failure) {
      this.failure = failure;
      throw failure;
    }
    const reason = `its source ended ${missing} bytes too early`;
    this.failure = new ArchweaveError({ code: 'malformed', attempt: this.#attempt, reason });
    throw this.failure;
  }
}
