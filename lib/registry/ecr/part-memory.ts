import { ByteBudget } from './byte-budget.ts';
import { memoryOf } from './part-size.ts';

/** What an upload may fill with one part after the other, until it gives it back. */
export interface PartShare {
  readonly memory: Buffer;
  giveBack(): void;
}

/**
 * Memory for the parts of several uploads: few are held at once, and that of parts of the usual size is used again and
 * again, since what waits to be collected counts like what is used.
 */
export class PartMemory {
  readonly #usual: number;
  readonly #budget: ByteBudget;
  readonly #spare: Buffer[] = [];

  /** Holds `most` bytes of parts at once, `usual` of them in most. */
  constructor(most: number, usual: number) {
    this.#budget = new ByteBudget(most);
    this.#usual = usual;
  }

  /** For parts of so many bytes, when it is their turn; undefined once `wake` is aborted before that. */
  async take(bytes: number, wake?: AbortSignal): Promise<PartShare | undefined> {
    const giveBack = await this.#budget.take(bytes, wake);
    if (giveBack === undefined) return undefined;
    const isUsual = bytes === this.#usual;
    const memory = (isUsual && this.#spare.pop()) || Buffer.allocUnsafeSlow(memoryOf(bytes));
    let isGiven = false;
    return {
      memory,
      giveBack: () => {
        if (isUsual && !isGiven) this.#spare.push(memory);
        isGiven = true;
        giveBack();
      },
    };
  }
}
