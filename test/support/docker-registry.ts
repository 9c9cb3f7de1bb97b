import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from './find-tool.ts';

export interface DockerRegistryOptions {
  /** Where pushes and deletes are announced. */
  readonly notifications?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  /** Whether it takes no writes. */
  readonly readonly?: boolean;
  /** Whether it deletes; it does unless told otherwise. */
  readonly delete?: boolean;
  /** Files with the certificate and its key; https where they are given. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** A line of an htpasswd file; everybody comes in where left out. */
  readonly htpasswd?: string;
  /** Whose tokens let in: those of this issuer for this service, signed by a certificate of this file. */
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly rootcertbundle: string;
  };
  /** A folder to keep the data in over a restart; one of its own, removed at the end, where left out. */
  readonly data?: string;
}

export interface RunningRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const PATIENCE_MS = 10_000;

/** Starts Debian's docker-registry on a free port of loopback and waits until it listens. */
export async function startDockerRegistry(options: DockerRegistryOptions = {}): Promise<RunningRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'archweave-registry-'));
  const file = join(folder, 'registry.yml');
  if (options.htpasswd !== undefined) await writeFile(join(folder, 'htpasswd'), `${options.htpasswd}\n`);
  // YAML takes JSON as it is.
  await writeFile(file, JSON.stringify(configuration(options, folder)));
  const child = spawn(tool('docker-registry'), ['serve', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
  });
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { host: await listening(child), pid: child.pid!, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address that its log names once it listens; asking for port 0 leaves no moment for anybody else to take it. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let log = '';
    const give = (why: string) => reject(new Error(`docker-registry ${why}:\n${log.slice(-2000)}`));
    const timer = setTimeout(() => give('does not listen'), PATIENCE_MS);
    child.once('error', reject);
    child.once('exit', code => give(`ended with ${code}`));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      const host = /listening on (127\.0\.0\.1:\d+)/.exec(log)?.[1];
      if (host === undefined) return;
      clearTimeout(timer);
      resolve(host);
    });
  });
}

function configuration(options: DockerRegistryOptions, folder: string) {
  const { notifications, readonly = false, data = join(folder, 'data') } = options;
  const endpoint = notifications && {
    name: 'sink',
    url: notifications.url,
    headers: Object.fromEntries(Object.entries(notifications.headers ?? {}).map(([k, v]) => [k, [v]])),
    timeout: '2s',
    threshold: 3,
    backoff: '500ms',
  };
  return {
    version: 0.1,
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: data },
      delete: { enabled: options.delete ?? true },
      maintenance: { readonly: { enabled: readonly }, uploadpurging: { enabled: false } },
    },
    http: {
      addr: '127.0.0.1:0',
      secret: 'not a secret',
      ...(options.tls && { tls: options.tls }),
    },
    ...(options.htpasswd && { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } }),
    ...(options.token && { auth: { token: options.token } }),
    ...(endpoint && { notifications: { endpoints: [endpoint] } }),
  };
}
