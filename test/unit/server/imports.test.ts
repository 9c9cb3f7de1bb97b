import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { OCI_CONFIG, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { ImportMemory } from '../../../lib/server/import-memory.ts';
import { type Imports, startImports } from '../../../lib/server/imports.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';

const mirror: ImportRule = {
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
async function world(rule: ImportRule = mirror, folder?: string) {
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

async function pushImage(
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

describe('imports of serve', () => {
  let here: Awaited<ReturnType<typeof world>>;
  afterEach(() => here.end());
  const kinds = () => here.told.map(({ kind }) => kind);

  it('copy what is pushed, and tell it once', async () => {
    here = await world();
    const digest = await here.push('1.0', 'one');
    expect(await here.copied('1.0')).toBe(digest);
    expect(kinds()).toEqual(['imported']);
    here.imports.pushed({
      registry: 'a.example',
      repository: 'team/app',
      tag: '1.0',
      digest,
      action: 'push',
    } as never);
    await here.copied('1.0');
    expect(kinds()).toEqual(['imported']);
    const next = await here.push('1.0', 'two');
    expect(await here.copied('1.0')).toBe(next);
  });

  it('copy what archweave publishes, where they wait for that', async () => {
    here = await world({ ...mirror, when: { on: 'published' } });
    await here.imports.idle();
    const digest = await here.push('1.0', 'one');
    expect(await here.copied('1.0')).toBeUndefined();
    here.imports.published({ registry: 'a.example', repository: 'team/app', tag: '1.0' });
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('find by looking what no event told', async () => {
    here = await world({ ...mirror, when: { on: 'published' } });
    await here.imports.idle();
    const digest = await pushImage(here.a, 'team/app', '1.0', 'one');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('run on their schedule, and on it alone', async () => {
    here = await world({ ...mirror, when: { on: 'schedule', every: 3_600_000 } });
    await here.imports.idle();
    const digest = await here.push('1.0', 'one');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBeUndefined();
    await here.pass(3_600_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('do nothing by themselves where they are manual', async () => {
    here = await world({ ...mirror, when: { on: 'manual' } });
    await here.push('1.0', 'one');
    await here.pass(86_400_000);
    expect(await here.copied('1.0')).toBeUndefined();
  });

  it('do not fight a person who takes the copy away, over a restart too, until the source changes', async () => {
    here = await world();
    await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.b.deleteManifest('m/team/app', '1.0');
    await here.restart();
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBeUndefined();
    const digest = await here.push('1.0', 'two');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('copy once more what the file asks for in another way', async () => {
    here = await world({ ...mirror, platforms: [{ os: 'linux', architecture: 'amd64' }] });
    const digest = await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.b.deleteManifest('m/team/app', '1.0');
    await here.restart(mirror);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('leave the copy where the source is taken away', async () => {
    here = await world();
    const digest = await here.push('1.0', 'one');
    await here.copied('1.0');
    await here.a.deleteManifest('team/app', '1.0');
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
  });

  it('try again what may work later, and tell of it once', async () => {
    here = await world();
    await here.imports.idle();
    const write = here.b.writeManifest.bind(here.b);
    let failures = 2;
    here.b.writeManifest = async (...args) => {
      if (failures-- > 0)
        throw new ArchweaveError({ code: 'registry-failed', attempt: 'write', retryable: true });
      return write(...args);
    };
    const digest = await here.push('1.0', 'one');
    await here.pass(0);
    await here.pass(1_000);
    await here.pass(10_000);
    expect(await here.copied('1.0')).toBe(digest);
    expect(kinds()).toEqual(['import-failed', 'imported']);
    expect(here.told[0]).toMatchObject({ document: { type: 'Import Failed', detail: { retrying: true } } });
  });

  it('give up at once what nobody can mend by waiting, and go on with others', async () => {
    here = await world();
    await pushImage(here.b, 'm/team/app', '1.0', 'another');
    here.b.setImmutable('m/team/app', '1.0');
    await here.push('1.0', 'one');
    const digest = await here.push('2.0', 'two');
    expect(await here.copied('2.0')).toBe(digest);
    await here.pass(10_000);
    await here.copied('2.0');
    const failed = here.told.filter(({ kind }) => kind === 'import-failed');
    expect(failed).toMatchObject([{ document: { detail: { code: 'immutable-tag', retrying: false } } }]);
  });

  it('say once that a source cannot be listed', async () => {
    here = await world();
    await here.imports.idle();
    here.a.listTags = () => {
      throw new ArchweaveError({ code: 'unreachable', attempt: 'list', retryable: true });
    };
    await pushImage(here.a, 'team/app', '1.0', 'one');
    await here.pass(10_000);
    await here.pass(10_000);
    expect(kinds()).toEqual(['unreadable']);
  });
});
