import { everlasting } from './everlasting.ts';
import type { ServeEvent } from './serve-event.ts';
import type { Sweep } from './sweep.ts';
import { createSweepTroubles } from './sweep-troubles.ts';

export interface SweptHost {
  readonly host: string;
  readonly sweep: Sweep;
  /** Milliseconds between the end of one sweep and the start of the next. */
  readonly every: number;
}

export interface ReconcileOptions {
  readonly hosts: readonly SweptHost[];
  /** Nothing is looked at before: whoever starts this may want to say something first. */
  readonly begin: Promise<void>;
  /** Wakes what is due; see due.ts. */
  readonly due: () => Promise<number>;
  /** Whether a registry was never swept to its end. */
  readonly isNew: (host: string) => boolean;
  /** Is told when a registry was swept to its end for the first time. */
  readonly onSwept: (host: string) => Promise<void>;
  readonly tell: (event: ServeEvent) => void;
  readonly setTimer: (callback: () => void, milliseconds: number) => () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface Reconciler {
  /** Resolves when every registry was looked through once, whether or not that worked. */
  readonly swept: Promise<void>;
  stop(): Promise<void>;
}

/** How often the ledger is asked what is due, in milliseconds: it is one look at an index. */
const DUE_EVERY = 2_000;
/** A registry that takes long to look through is left alone for ten times as long. */
const SHARE = 10;

/** The two clocks: sweeps find what no event told, deadlines bring back what time alone changes. */
export function startReconciler(options: ReconcileOptions): Reconciler {
  const { hosts, due } = options;
  const stopping = new AbortController();
  const sweeps = hosts.map(swept => everlasting(sweeping(options, swept, stopping.signal), options));
  const deadlines = everlasting(async () => {
    await due().catch(() => {}); // trouble with the ledger is told by the passes that need it, and by /healthz
    return DUE_EVERY;
  }, options);
  return {
    swept: Promise.all(sweeps.map(({ first }) => first)).then(() => {}),
    async stop() {
      stopping.abort();
      await Promise.all([...sweeps, deadlines].map(loop => loop.stop()));
    },
  };
}

/** One sweep of one registry after another; each answers how long to wait for the next. */
function sweeping(
  { isNew, onSwept, tell, now }: ReconcileOptions,
  { host, sweep, every }: SweptHost,
  signal: AbortSignal,
): () => Promise<number> {
  const tellTroubles = createSweepTroubles(host, tell, now);
  return async () => {
    const began = now();
    try {
      const first = isNew(host);
      const { failures } = await sweep.run({ first, signal });
      tellTroubles(failures);
      if (first && failures.length === 0) await onSwept(host);
    } catch (error) {
      if (!signal.aborted) tellTroubles([{ error }]);
    }
    return Math.max(every, (now() - began) * SHARE);
  };
}
