import { pathToFileURL } from 'node:url';

/** The functions under attack. They come from the source tree, or from a copy of it with a bug planted. */
export interface Core {
  readonly assemble: typeof import('../../lib/assembly/assemble.ts').assemble;
  readonly join: typeof import('../../lib/assembly/join.ts').join;
  readonly wakeUpsOf: typeof import('../../lib/assembly/wake-up.ts').wakeUpsOf;
  readonly verifyWakeUps: typeof import('../../lib/assembly/wake-up.ts').verifyWakeUps;
  readonly keyOfWakeUp: typeof import('../../lib/assembly/wake-up.ts').keyOfWakeUp;
  readonly ConfigCache: typeof import('../../lib/assembly/config-cache.ts').ConfigCache;
  readonly createSweep: typeof import('../../lib/server/sweep.ts').createSweep;
  /** Of the same tree: an error of another copy would be a stranger to `isArchweaveError`. */
  readonly ArchweaveError: typeof import('../../lib/errors.ts').ArchweaveError;
}

const LIB = new URL('../../lib/', import.meta.url);

/** Loads the functions from a `lib` folder, by default this project's. */
export async function loadCore(lib: string | URL = LIB): Promise<Core> {
  const root = typeof lib === 'string' ? pathToFileURL(`${lib}/`) : lib;
  const load = (path: string) => import(new URL(path, root).href);
  const [assembling, joining, waking, configs, sweeping, errors] = await Promise.all([
    load('assembly/assemble.ts'),
    load('assembly/join.ts'),
    load('assembly/wake-up.ts'),
    load('assembly/config-cache.ts'),
    load('server/sweep.ts'),
    load('errors.ts'),
  ]);
  return {
    assemble: assembling.assemble,
    join: joining.join,
    wakeUpsOf: waking.wakeUpsOf,
    verifyWakeUps: waking.verifyWakeUps,
    keyOfWakeUp: waking.keyOfWakeUp,
    ConfigCache: configs.ConfigCache,
    createSweep: sweeping.createSweep,
    ArchweaveError: errors.ArchweaveError,
  };
}
