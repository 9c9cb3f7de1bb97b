import type { ExitCode } from './exit-codes.ts';
import { runCli } from './run-cli.ts';

/** Signals closer together than this are one: a launcher hands on what the terminal has sent here already. */
const SAME_SIGNAL = 500;

/** Binds the command line to this process. */
export async function main(): Promise<void> {
  const stop = new AbortController();
  let stoppedAt: number | undefined;
  let exitOnSignal: ExitCode | undefined;
  const onSignal = (exit: ExitCode) => () => {
    // The second Ctrl-C of somebody impatient ends at once.
    if (stoppedAt !== undefined && Date.now() - stoppedAt > SAME_SIGNAL) process.exit(exit);
    stoppedAt ??= Date.now();
    exitOnSignal ??= exit;
    stop.abort();
  };
  process.on('SIGINT', onSignal(130));
  process.on('SIGTERM', onSignal(143));
  // `archweave list ... | head` has seen enough: that is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  const exit = await runCli(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    signal: stop.signal,
    ...(process.stdin.isTTY && process.stderr.isTTY && { confirm: confirmHere }),
  });
  // Leaving is quicker than waiting for kept-alive connections; what was written is flushed first.
  process.stdout.write('', () => {
    process.stderr.write('', () => process.exit(exit === 130 ? (exitOnSignal ?? exit) : exit));
  });
}

/** Everything but a clear yes is a no. */
async function confirmHere(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
