import type { LentLine } from './lent-line.ts';

/**
 * The body of an answer in parts that lie in the connection's one buffer: each is good until the next is asked for,
 * and nothing is read meanwhile.
 */
export class LentBody implements AsyncIterableIterator<Uint8Array> {
  readonly #line: LentLine;
  #part: Uint8Array | undefined;
  #left: number;
  #failure: Error | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(line: LentLine, length: number, start: Uint8Array) {
    this.#line = line;
    this.#left = length;
    if (start.length > 0) this.take(start);
  }

  /** A read of the connection; it reads no further before it is told to. */
  take(bytes: Uint8Array): void {
    if (bytes.length > this.#left) {
      const message = 'more bytes than the answer announced';
      this.fail(Object.assign(new Error(message), { name: 'HTTPParserError' }));
    } else {
      this.#left -= bytes.length;
      this.#part = bytes;
      this.#tell();
    }
  }

  fail(failure: Error): void {
    this.#failure ??= failure;
    this.#tell();
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const value = this.#part;
      this.#part = undefined;
      if (value !== undefined) return { done: false, value };
      if (this.#isOver) return { done: true, value };
      if (this.#left === 0) return this.#end(true);
      if (this.#failure) {
        this.#end(false);
        throw this.#failure;
      }
      const woken = new Promise<void>(resolve => {
        this.#wake = resolve;
      });
      this.#line.readOn();
      await woken;
    }
  }

  /** Whoever stops early gives the connection up, unless all has come. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    return this.#end(this.#left === 0);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(isWhole: boolean): IteratorResult<Uint8Array> {
    if (!this.#isOver) this.#line.release(isWhole);
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
