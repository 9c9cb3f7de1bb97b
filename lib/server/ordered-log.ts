import type { ServeEvent } from './serve-event.ts';

export interface OrderedLog {
  /** Tells an event that is known, or will be soon; those after it wait for it. */
  tell(event: ServeEvent | Promise<ServeEvent>): void;
  /** Resolves when everything was told. */
  told(): Promise<void>;
}

/** A log in the order of what happened, although some lines take a look at the disk to be written. */
export function createOrderedLog(log: (event: ServeEvent) => void): OrderedLog {
  let last: Promise<void> | undefined;
  return {
    tell(event) {
      if (last === undefined && !(event instanceof Promise)) return log(event);
      const before = last;
      const mine = (async () => {
        await before;
        log(await event);
      })();
      last = mine;
      void mine.finally(() => {
        if (last === mine) last = undefined;
      });
    },
    told: async () => last,
  };
}
