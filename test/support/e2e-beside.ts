import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DockerRegistry, dockerRegistry } from './e2e-docker-registry.ts';
import { freePort } from './e2e-run.ts';
import { hookToken, type Served, serve } from './e2e-serve.ts';

/** A docker-registry and `serve --no-registry` beside it, which hears of pushes through the registry's hook. */
export interface Beside {
  readonly registry: DockerRegistry;
  /** The folder with archweave.yaml, for commands that read it. */
  readonly cwd: string;
  serve(): Served;
  /** Starts `serve` again on the same port and storage, after it was stopped. */
  startServe(): Promise<Served>;
  end(): Promise<void>;
}

export interface BesideOptions {
  readonly folder: string;
  /** Lines of each index rule, by default the two usual platforms. */
  readonly rules?: readonly string[];
  /** How the registry is reached by `serve`, where that is not its own address (a proxy). */
  readonly through?: (registryHost: string) => Promise<string>;
  /** How often `serve` looks by itself; long, so that what is seen came by an event. */
  readonly reconcile?: string;
}

const USUAL = ['  - repositories: [local/*]', '    platforms: [linux/amd64, linux/arm64]'];

export async function beside(options: BesideOptions): Promise<Beside> {
  const cwd = join(options.folder, 'work');
  mkdirSync(cwd, { recursive: true });
  const storage = join(cwd, 's');
  const port = await freePort();
  const listen = `127.0.0.1:${await freePort()}`;
  const host = (await options.through?.(`127.0.0.1:${port}`)) ?? `127.0.0.1:${port}`;
  const lines = ['registries:', `  local: ${host}`, 'indexes:', ...(options.rules ?? USUAL), ''];
  writeFileSync(join(cwd, 'archweave.yaml'), lines.join('\n'));
  const args = [
    '--no-registry',
    ...(options.reconcile === undefined ? [] : ['--reconcile', options.reconcile]),
  ];
  const startServe = (): Promise<Served> => serve({ storage, listen, cwd, args });
  let served = await startServe();
  const notify = { url: `http://${listen}/hooks/local`, token: hookToken(storage) };
  const registry = await dockerRegistry({ folder: options.folder, port, notify });
  return {
    registry,
    cwd,
    serve: () => served,
    async startServe() {
      served = await startServe();
      return served;
    },
    async end() {
      await served.stop();
      await registry.stop();
    },
  };
}
