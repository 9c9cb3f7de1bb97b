import type { ServeEvent } from '../server/serve-event.ts';

/** What `serve` tells, kept until somebody asks for it: an outcome may come before its push is answered. */
export class EventInbox {
  readonly #events: ServeEvent[] = [];
  #wake: () => void = () => {};

  put(event: ServeEvent): void {
    this.#events.push(event);
    this.#wake();
  }

  /** The first event of that kind, and everything before it forgotten; undefined after `patience` milliseconds. */
  async next<E extends ServeEvent>(
    isWanted: (event: ServeEvent) => event is E,
    patience: number,
    signal: AbortSignal,
  ): Promise<E | undefined> {
    const end = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    for (;;) {
      const at = this.#events.findIndex(isWanted);
      if (at >= 0) return this.#events.splice(0, at + 1).at(-1) as E;
      if (end.aborted) return undefined;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        end.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
