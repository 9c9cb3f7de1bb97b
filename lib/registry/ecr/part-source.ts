import { ArchweaveError } from '../../errors.ts';

/** A stream that is taken in whole parts. */
export class PartSource {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #attempt: string;
  #left: Uint8Array = new Uint8Array(0);
  #position: number;

  constructor(source: AsyncIterable<Uint8Array>, position: number, attempt: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#position = position;
    this.#attempt = attempt;
  }

  /** Where the next part begins, in bytes from the blob's start. */
  get position(): number {
    return this.#position;
  }

  /**
   * Hands on the next `length` bytes, in pieces as they come, each of which is done with before the next is asked for.
   * Throws `malformed` where the stream has fewer.
   */
  async fill(length: number, take: (piece: Uint8Array) => void): Promise<void> {
    for (let missing = length; missing > 0; ) {
      const piece = this.#left.length > 0 ? this.#left : await this.#pull(missing);
      const fitting = piece.subarray(0, missing);
      take(fitting);
      missing -= fitting.length;
      this.#left = piece.subarray(fitting.length);
    }
    this.#position += length;
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    try {
      await this.#source.return?.();
    } catch {
      // It is not wanted any more, whatever it says.
    }
  }

  async #pull(missing: number): Promise<Uint8Array> {
    const { done, value } = await this.#source.next();
    if (!done) return value;
    const reason = `its source ended ${missing} bytes too early`;
    throw new ArchweaveError({ code: 'malformed', attempt: this.#attempt, reason });
  }
}
