import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../../lib/image/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { ImportMemory } from '../../../lib/server/import-memory.ts';
import { type Imports, startImports } from '../../../lib/server/imports.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';

export const mirror: ImportRule = {
  name: 'mirror',
  line: 1,
  from: { registry: 'a.example', pattern: 'team/*' },
  to: { registry: 'b.example', repository: 'm/{repository}' },
  tags: ['*'],
  platforms: 'all',
  referrers: true,
  when: { on: 'pushed' },
};

/** Two registries, an import between them, and a clock that a test moves. */
export async function importWorld(rule: ImportRule = mirror, folder?: string) {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'archweave-imports-'));
  const a = new MemoryRegistry();
  const b = new MemoryRegistry();
  const told: ServeEvent[] = [];
  const timers: { at: number; callback: () => void }[] = [];
  let time = 0;
  const start = async (one = rule): Promise<Imports> =>
    startImports({
      imports: [one],
      rules: [],
      registries: new Map([
        ['a.example', a],
        ['b.example', b],
      ]),
      memory: await ImportMemory.open(home),
      sweepEvery: () => 10_000,
      begin: Promise.resolve(),
      tell: event => told.push(event),
      setTimer: (callback, milliseconds) => {
        const timer = { at: time + milliseconds, callback };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer) >>> 0, 1);
      },
      now: () => time,
      backOff: [1_000, 10_000],
    });
  const imports = await start();
  const running = [imports];
  return {
    a,
    b,
    home,
    told,
    imports,
    async restart(changed = rule) {
      await running.pop()!.stop();
      running.push(await start(changed));
      return running[0]!;
    },
    async push(tag: string, text: string): Promise<Digest> {
      const digest = await pushImage(a, 'team/app', tag, text);
      running[0]!.pushed({
        registry: 'a.example',
        repository: 'team/app',
        tag,
        digest,
        action: 'push',
      } as never);
      return digest;
    },
    /** What tag of the copy holds, once nothing is on its way. */
    async copied(tag: string): Promise<Digest | undefined> {
      await running[0]!.idle();
      return (await b.resolveReferences('m/team/app', [tag])).get(tag);
    },
    /** Time passes; what is due then happens. */
    async pass(milliseconds: number) {
      time += milliseconds;
      for (const timer of [...timers]) {
        if (timer.at > time) continue;
        timers.splice(timers.indexOf(timer), 1);
        timer.callback();
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    },
    async end() {
      for (const one of running) await one.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export async function pushImage(
  registry: MemoryRegistry,
  repository: string,
  tag: string,
  text: string,
): Promise<Digest> {
  const config = new TextEncoder().encode(JSON.stringify({ os: 'linux', architecture: 'amd64', text }));
  const digest = digestOf(config);
  const one = async function* () {
    yield config;
  };
  await registry.writeBlob(repository, { digest, size: config.length }, one);
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config: { mediaType: OCI_CONFIG, digest, size: config.length },
      layers: [],
    }),
  );
  const manifest = { bytes, mediaType: OCI_MANIFEST, digest: digestOf(bytes) };
  await registry.writeManifest(repository, tag, manifest);
  return manifest.digest;
}
