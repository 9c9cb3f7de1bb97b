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
   * What it answers gives them back, once however often it is called; undefined once `wake` is aborted before that.
   */
  async take(bytes: number, wake?: AbortSignal): Promise<(() => void) | undefined> {
    const fitting = Math.min(bytes, this.#most);
    const isTaken = await this.#turn(fitting, wake);
    if (!isTaken) return undefined;
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      this.#held -= fitting;
      this.#serve();
    };
  }

  async #turn(bytes: number, wake: AbortSignal | undefined): Promise<boolean> {
    if (wake?.aborted) return false;
    return new Promise<boolean>(resolve => {
      const begin = (): void => {
        wake?.removeEventListener('abort', leave);
        resolve(true);
      };
      const one = { bytes, begin };
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
        resolve(false);
        // It may have been the one that kept smaller ones waiting.
        this.#serve();
      };
      this.#waiting.push(one);
      wake?.addEventListener('abort', leave, { once: true });
      this.#serve();
    });
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
