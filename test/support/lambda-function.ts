import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LambdaFunction {
  /** Rejects where the handler does. `remaining` is in milliseconds. */
  invoke(event: unknown, remaining?: number): Promise<unknown>;
  /** Each line that it has written, warnings too, parsed; waits a moment for those under way. */
  lines(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Bytes that it has written so far; waits a moment for those under way. */
  written(): Promise<number>;
  stop(): Promise<void>;
}

interface Answer {
  readonly request: string;
  readonly result?: unknown;
  readonly error?: string;
}

/** Starts a bundled function in a process of its own with the environment that Lambda would give it. */
export async function startFunction(
  file: string,
  environment: Readonly<Record<string, string>>,
): Promise<LambdaFunction> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'lambda-process.mjs'), [file], {
    env: { PATH: process.env.PATH ?? '', AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand', ...environment },
    execArgv: [],
    silent: true,
  });
  let written = '';
  let complaints = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
    written += text;
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the function ended: ${complaints.slice(-2000)}`);
  });
  ended.catch(() => {});
  await Promise.race([once(child, 'message'), ended]);
  let requests = 0;
  return {
    async invoke(event, remaining = 30_000) {
      const request = `request-${++requests}`;
      child.send({ event, remaining, request });
      const [answer] = (await Promise.race([once(child, 'message'), ended])) as [Answer];
      if (answer.error !== undefined) throw new Error(answer.error);
      return answer.result;
    },
    async lines() {
      await sleep(50);
      return written
        .split('\n')
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line) as Readonly<Record<string, unknown>>);
    },
    async written() {
      await sleep(50);
      return Buffer.byteLength(written);
    },
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
