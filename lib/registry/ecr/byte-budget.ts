/** Memory that several uploads share: few bytes are held at once, however many uploads there are. */
export class ByteBudget {
  readonly #most: number;
  readonly #waiting: { readonly bytes: number; readonly begin: () => void }[] = [];
  #held = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Waits, first come, first served, until so many bytes may be held too; more than there are wait for all of them.
   * What it answers gives them back, once however often it is called.
   */
  async take(bytes: number): Promise<() => void> {
    const fitting = Math.min(bytes, this.#most);
    await new Promise<void>(begin => {
      this.#waiting.push({ bytes: fitting, begin });
      this.#serve();
    });
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.#held -= fitting;
      this.#serve();
    };
  }

  #serve(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || this.#held + next.bytes > this.#most) return;
      this.#waiting.shift();
      this.#held += next.bytes;
      next.begin();
    }
  }
}
