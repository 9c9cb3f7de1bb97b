import { ArchweaveError } from '../errors.ts';

/** What a command may take to put things in order after Ctrl-C, in milliseconds. */
const PATIENCE = 5_000;

/** The work's own end; where it does not come within `patience` of the signal, `interrupted` is thrown. */
export async function whileStopping<T>(
  work: Promise<T>,
  signal: AbortSignal,
  patience = PATIENCE,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => {
    const error = new ArchweaveError({ code: 'interrupted', attempt: 'finish import' });
    timer = setTimeout(() => reject(error), patience);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  }
}
