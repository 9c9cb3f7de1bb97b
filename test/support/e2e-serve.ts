import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ARCHWEAVE,
  archweave,
  type Outcome,
  type Running,
  type RunOptions,
  start,
  until,
} from './e2e-run.ts';

export interface Served {
  /** HOST:PORT. */
  readonly host: string;
  /** The one line of its standard output. */
  readonly line: string;
  readonly storage: string;
  readonly pid: number;
  readonly done: Promise<Outcome>;
  /** Its log (standard error) up to now. */
  log(): string;
  /** Sends a signal, SIGTERM by default, and answers how it ended. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

export interface ServeOptions extends RunOptions {
  readonly storage: string;
  /** HOST:PORT; any free port by default. */
  readonly listen?: string;
  readonly args?: readonly string[];
}

/** Starts `archweave serve` and waits until it says on standard output that it answers. */
export async function serve(options: ServeOptions): Promise<Served> {
  const { storage, listen = '127.0.0.1:0', args = [], ...rest } = options;
  const running: Running = start(ARCHWEAVE, ['serve', '--listen', listen, '--storage', storage, ...args], {
    timeout: 600_000,
    ...rest,
  });
  let out = '';
  let log = '';
  running.child.stdout!.on('data', chunk => {
    out += chunk;
  });
  running.child.stderr!.on('data', chunk => {
    log += chunk;
  });
  let ended = false;
  const done = running.done.finally(() => {
    ended = true;
  });
  const line = await until(() => (out.includes('\n') ? out.split('\n')[0] : ended ? '' : undefined), {
    timeout: 20_000,
    every: 10,
  });
  const host = line === undefined ? undefined : /^http:\/\/([^/]+)\/$/.exec(line)?.[1];
  if (line === undefined || host === undefined) {
    running.child.kill('SIGKILL');
    throw new Error(`serve did not say where it answers: ${JSON.stringify(line)}\n${log}`);
  }
  return {
    host,
    line,
    storage,
    pid: running.child.pid!,
    done,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      running.child.kill(signal);
      return done;
    },
  };
}

/** The token that `serve` made for its hooks. */
export function hookToken(storage: string): string {
  return readFileSync(join(storage, 'hook-token'), 'utf8').trim();
}

/** `archweave demo HOST/REPO:TAG …`: pushes sample images, one a platform. */
export async function pushSample(reference: string, ...args: string[]): Promise<Outcome> {
  const outcome = await archweave(['demo', reference, ...args]);
  if (outcome.rc !== 0)
    throw new Error(`demo ${reference} ${args.join(' ')}: exit ${outcome.rc}\n${outcome.err}`);
  return outcome;
}

/** Asks `explain` until its exit status is `rc`; answers the last explanation, whatever it was. */
export async function settle(reference: string, rc: number, options?: RunOptions): Promise<Outcome> {
  let last: Outcome | undefined;
  await until(
    async () => {
      last = await archweave(['explain', reference], options);
      return last.rc === rc ? true : undefined;
    },
    { timeout: 15_000, every: 200 },
  );
  return last!;
}
