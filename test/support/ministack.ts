import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { trustCertificates } from '../../lib/registry/trust-certificates.ts';
import { pythonWithMinistack } from './ministack/venv.ts';
import { selfSigned } from './self-signed.ts';

export interface RunningMinistack {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL` and the SDK's `endpoint`. */
  readonly url: string;
  readonly account: string;
  readonly region: string;
  readonly pid: number;
  /** A file with the certificate to trust, where it speaks TLS. */
  readonly ca?: string;
  /** What it has written so far, the last of it. */
  log(): string;
  stop(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/**
 * Starts ministack, an emulated AWS, on a free port of loopback and waits until it answers. It sends the events of
 * ECR too (ministack/launch.py). With `permissions` it asks IAM about every call, and speaks TLS, without which the
 * queues' policies refuse everybody; this process trusts its certificate from then on.
 */
export async function startMinistack(
  options: { readonly permissions?: boolean } = {},
): Promise<RunningMinistack> {
  const python = await pythonWithMinistack();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(python, await freePort(), options.permissions === true);
    } catch (error) {
      // Somebody may have taken the port in the moment since it was found free.
      if (attempt === 3 || !/already in use/.test(String(error))) throw error;
    }
  }
}

async function start(python: string, port: number, permissions: boolean): Promise<RunningMinistack> {
  const folder = await mkdtemp(join(tmpdir(), 'archweave-ministack-'));
  const tls = permissions ? await certificateIn(folder) : undefined;
  const child = spawn(python, [join(import.meta.dirname, 'ministack', 'launch.py')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: [join(import.meta.dirname, '..', '..', 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      TMPDIR: folder,
      HOME: folder,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      LOG_LEVEL: 'WARNING',
      DOCKER_HOST: `unix://${join(folder, 'no-docker.sock')}`,
      ...(tls && { AUTH: 'true', USE_SSL: '1', MINISTACK_SSL_CERT: tls.ca, MINISTACK_SSL_KEY: tls.key }),
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-20_000);
    });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  try {
    await answering(child, url, () => log);
  } catch (error) {
    await stop();
    throw error;
  }
  const place = { url, account: '000000000000', region: 'us-east-1', ...(tls && { ca: tls.ca }) };
  return { ...place, pid: child.pid!, log: () => log, stop };
}

async function certificateIn(folder: string): Promise<{ readonly ca: string; readonly key: string }> {
  const { key, cert } = selfSigned();
  const files = { ca: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await writeFile(files.ca, cert);
  await writeFile(files.key, key);
  trustCertificates(cert);
  return files;
}

async function answering(child: ChildProcess, url: string, log: () => string): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`ministack ended with ${child.exitCode}:\n${log()}`);
    const answer = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`ministack does not answer:\n${log()}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
