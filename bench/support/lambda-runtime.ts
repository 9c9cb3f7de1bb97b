import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RuntimeOptions {
  /** Path of aws-lambda-ric. */
  readonly ric: string;
  /** The folder of the function. */
  readonly folder: string;
  /** `assemble.handler`. */
  readonly handler: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Invoked {
  readonly result: unknown;
  /** From handing the event over to the whole answer, in milliseconds. */
  readonly ms: number;
}

/** A function under Lambda's own runtime client, in a process of its own. */
export interface RunningFunction {
  /** From the start of the process to its first request for work, in milliseconds. */
  readonly init: number;
  /** How long its main thread computed for that, in milliseconds; undefined where the system does not tell. */
  readonly initCpu?: number;
  /** One at a time. Rejects where the function fails or its process ends. */
  invoke(event: unknown): Promise<Invoked>;
  stop(): Promise<void>;
}

const PREFIX = '/2018-06-01/runtime/';
const TIMEOUT = 30_000;

/**
 * Starts a function as Lambda does, and is the other side of its runtime client: the Runtime API of 2018-06-01 on a
 * loopback port. The Node is the one that runs this.
 */
export async function startUnderRuntime(options: RuntimeOptions): Promise<RunningFunction> {
  const api = runtimeApi();
  const address = await api.listen();
  const began = performance.now();
  const child = spawn(process.execPath, [options.ric, options.handler], {
    cwd: options.folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      AWS_LAMBDA_RUNTIME_API: address,
      LAMBDA_TASK_ROOT: options.folder,
      _HANDLER: options.handler,
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
      AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      TZ: ':UTC',
      LANG: 'en_US.UTF-8',
      ...options.environment,
    },
  });
  const stop = () => stopAll(child, api);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the function's process ended (${code})`);
  });
  ended.catch(() => {});
  try {
    await Promise.race([api.asked(), ended]);
  } catch (error) {
    await stop();
    throw error;
  }
  const init = performance.now() - began;
  const initCpu = mainThreadCpu(child.pid!);
  return {
    ...(initCpu !== undefined && { initCpu }),
    init,
    invoke: event => Promise.race([api.invoke(event), ended]),
    stop,
  };
}

/** Linux counts it in nanoseconds. */
function mainThreadCpu(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

interface Work {
  readonly event: unknown;
  readonly resolve: (answer: Invoked) => void;
  readonly reject: (error: Error) => void;
  handed: number;
}

function runtimeApi() {
  const first = Promise.withResolvers<void>();
  first.promise.catch(() => {});
  let waiting: ServerResponse | undefined;
  let work: Work | undefined;
  let count = 0;

  const hand = (): void => {
    if (waiting === undefined || work === undefined || work.handed > 0) return;
    work.handed = performance.now();
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': `request-${++count}`,
      'lambda-runtime-deadline-ms': String(Date.now() + TIMEOUT),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:bench',
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    waiting.end(JSON.stringify(work.event));
    waiting = undefined;
  };
  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').replace(PREFIX, '');
    if (path === 'invocation/next') {
      first.resolve();
      waiting = response;
      return hand();
    }
    const body = await textOf(request);
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    if (path === 'init/error') return first.reject(new Error(`the function cannot start: ${body}`));
    const done = work;
    work = undefined;
    if (path.endsWith('/error')) return done?.reject(new Error(body));
    done?.resolve({ result: JSON.parse(body || 'null'), ms: performance.now() - done.handed });
  };
  const server = createServer((request, response) => void route(request, response));
  return {
    async listen(): Promise<string> {
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    asked: () => first.promise,
    invoke(event: unknown): Promise<Invoked> {
      const { promise, resolve, reject } = Promise.withResolvers<Invoked>();
      work = { event, resolve, reject, handed: 0 };
      hand();
      return promise;
    },
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function stopAll(child: ChildProcess, api: ReturnType<typeof runtimeApi>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  api.close();
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
