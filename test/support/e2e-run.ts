import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT, type ToolName, tool } from './find-tool.ts';

export const ARCHWEAVE = join(PROJECT_ROOT, 'bin', 'archweave');

export interface Outcome {
  /** Exit status; 128 and the signal's number where a signal ended it, as a shell says it. */
  readonly rc: number;
  readonly out: string;
  readonly err: string;
  readonly bytes: Buffer;
  readonly ms: number;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until it is killed; 60 s by default. */
  readonly timeout?: number;
}

/** A started command: its process and what it comes to. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Outcome>;
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGPIPE: 13,
  SIGTERM: 15,
};

export function start(command: string, args: readonly string[], options: RunOptions = {}): Running {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: options.cwd ?? tmpdir(),
    env: cleanEnv(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: options.timeout ?? 60_000,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', chunk => out.push(chunk));
  child.stderr.on('data', chunk => err.push(chunk));
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      resolve({
        rc: code ?? 128 + (SIGNALS[signal ?? ''] ?? 0),
        out: bytes.toString('utf8'),
        err: Buffer.concat(err).toString('utf8'),
        bytes,
        ms: performance.now() - began,
      });
    });
  });
  return { child, done };
}

export function run(command: string, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return start(command, args, options).done;
}

/** The real program, as a person starts it. */
export function archweave(args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return run(ARCHWEAVE, args, options);
}

/** Another program that must succeed; answers its standard output without the last line break. */
export async function using(name: ToolName, args: readonly string[], options?: RunOptions): Promise<string> {
  const outcome = await run(tool(name), args, options);
  if (outcome.rc !== 0) throw new Error(`${name} ${args.join(' ')}: exit ${outcome.rc}\n${outcome.err}`);
  return outcome.out.replace(/\n$/, '');
}

/** Whatever a person's settings are, a test sees the same: no colour, no credentials, no configuration. */
function cleanEnv(extra: RunOptions['env'] = {}): NodeJS.ProcessEnv {
  const {
    NO_COLOR: _n,
    FORCE_COLOR: _f,
    GITHUB_ACTIONS: _g,
    ARCHWEAVE_CONFIG: _a,
    ...inherited
  } = process.env;
  const merged: Record<string, string | undefined> = {
    ...inherited,
    NO_COLOR: '1',
    DOCKER_CONFIG: join(tmpdir(), 'archweave-no-docker-config'),
    REGISTRY_AUTH_FILE: undefined,
    ...extra,
  };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

/** A folder of its own for a test file, and its removal. */
export function temporaryFolder(name = 'test'): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `archweave-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A loopback port that nothing listens on now, for what must be told its port before it starts. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** Asks until the answer is not undefined, every `every` ms; undefined when `timeout` ms are over. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  { timeout = 10_000, every = 50 }: { readonly timeout?: number; readonly every?: number } = {},
): Promise<T | undefined> {
  const end = performance.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined || performance.now() > end) return answer;
    await pause(every);
  }
}
