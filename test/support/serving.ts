import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logLine } from '../../lib/server/log-lines.ts';
import { type ServeOptions, type Serving, startServe } from '../../lib/server/serve.ts';
import type { ServeEvent } from '../../lib/server/serve-event.ts';
import { type Content, pushContent, sampleImage } from './e2e-images.ts';

export const PLATFORMS = {
  amd64: { os: 'linux', architecture: 'amd64' },
  arm64: { os: 'linux', architecture: 'arm64' },
};

export interface Served {
  readonly serving: Serving;
  readonly events: readonly ServeEvent[];
  /** The log without its clock. */
  lines(): readonly string[];
  /** Pushes a small image to `app`, and waits until nothing is in hand. */
  push(tag: string, arch: keyof typeof PLATFORMS, build?: string): Promise<Content>;
  /** What a tag of `app` holds. */
  digest(tag: string): Promise<string | null>;
}

/** Starts `serve` in this process as often as a test likes, each time in the same storage unless it says otherwise. */
export function servingRoom() {
  const folder = mkdtempSync(join(tmpdir(), 'archweave-serve-'));
  const running: Serving[] = [];

  async function start(more: Partial<ServeOptions> = {}): Promise<Served> {
    const events: ServeEvent[] = [];
    const serving = await startServe({
      listen: { host: '127.0.0.1', port: 0 },
      storageDir: join(folder, 's'),
      open: () => {
        throw new Error('no registry is configured');
      },
      embedded: true,
      log: event => events.push(event),
      ...more,
    });
    running.push(serving);
    await serving.idle();
    return {
      serving,
      events,
      lines: () =>
        events.map(event =>
          logLine(event)
            .slice(11)
            .replace(/ in \d+ ms/, ' in N ms'),
        ),
      async push(tag, arch, build = 'one') {
        const image = sampleImage(PLATFORMS[arch], { build, text: build });
        await pushContent(serving.host, 'app', tag, image);
        await serving.idle();
        return image;
      },
      async digest(tag) {
        const answer = await fetch(`${serving.url}v2/app/manifests/${tag}`, { method: 'HEAD' });
        return answer.headers.get('docker-content-digest');
      },
    };
  }

  return {
    folder,
    start,
    async end() {
      for (const serving of running.splice(0)) await serving.close();
      rmSync(folder, { recursive: true });
    },
  };
}
