/** Why a request was ended: its time was up. */
export class TimeUp extends Error {
  override readonly name = 'TimeUp';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/**
 * A deadline that can be paused while it is our turn and not the other side's. Its signal ends when the time is up
 * (with a `TimeUp`) or with the caller's own signal.
 */
export class Patience {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #ms: number;
  #left: number;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, outer?: AbortSignal) {
    this.#ms = ms;
    this.#left = ms;
    this.signal = outer ? AbortSignal.any([this.#controller.signal, outer]) : this.#controller.signal;
    this.resume();
  }

  /** Gives the whole time again, and lets it run. */
  renew(): void {
    this.pause();
    this.#left = this.#ms;
    this.resume();
  }

  resume(): void {
    if (this.#timer !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(new TimeUp(this.#ms)), this.#left);
  }

  pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since));
  }
}
