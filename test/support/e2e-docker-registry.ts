import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start, until } from './e2e-run.ts';
import { tool } from './find-tool.ts';

export interface DockerRegistry {
  /** HOST:PORT. */
  readonly host: string;
  readonly pid: number;
  /** Its log up to now, access lines included. */
  log(): string;
  stop(): Promise<void>;
}

export interface DockerRegistryOptions {
  /** A folder of its own; data and configuration go there. */
  readonly folder: string;
  readonly port?: number;
  readonly notify?: { readonly url: string; readonly token: string };
}

/** Starts Debian's docker-registry on loopback, with deletion allowed, and waits until it answers. */
export async function dockerRegistry(options: DockerRegistryOptions): Promise<DockerRegistry> {
  const port = options.port ?? (await freePort());
  const host = `127.0.0.1:${port}`;
  mkdirSync(join(options.folder, 'data'), { recursive: true });
  const config = join(options.folder, 'registry.yml');
  writeFileSync(config, configuration(host, options));
  const running = start(tool('docker-registry'), ['serve', config], {
    cwd: options.folder,
    timeout: 900_000,
    env: { OTEL_TRACES_EXPORTER: 'none' },
  });
  let log = '';
  for (const stream of [running.child.stdout!, running.child.stderr!]) {
    stream.on('data', chunk => {
      log += chunk;
    });
  }
  const answers = await until(() =>
    fetch(`http://${host}/v2/`)
      .then(r => r.ok || undefined)
      .catch(() => undefined),
  );
  if (!answers) {
    running.child.kill('SIGKILL');
    throw new Error(`docker-registry does not answer\n${log}`);
  }
  return {
    host,
    pid: running.child.pid!,
    log: () => log,
    async stop() {
      running.child.kill('SIGKILL');
      await running.done;
    },
  };
}

function configuration(host: string, { folder, notify }: DockerRegistryOptions): string {
  const lines = [
    'version: 0.1',
    'log: { level: info }',
    'storage:',
    `  filesystem: { rootdirectory: ${JSON.stringify(join(folder, 'data'))} }`,
    '  delete: { enabled: true }',
    `http: { addr: "${host}" }`,
  ];
  if (notify !== undefined) {
    lines.push(
      'notifications:',
      '  endpoints:',
      '    - name: archweave',
      `      url: ${notify.url}`,
      `      headers: { Authorization: ["Bearer ${notify.token}"] }`,
      '      timeout: 5s',
      '      threshold: 3',
      '      backoff: 1s',
    );
  }
  return `${lines.join('\n')}\n`;
}
