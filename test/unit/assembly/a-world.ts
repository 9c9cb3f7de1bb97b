import type { Announcement } from '../../../lib/assembly/announcement.ts';
import { assemble } from '../../../lib/assembly/assemble.ts';
import { ConfigCache } from '../../../lib/assembly/config-cache.ts';
import { verifyWakeUps, type WakeUp, wakeUpsOf } from '../../../lib/assembly/wake-up.ts';
import type { World } from '../../../lib/assembly/world.ts';
import type { Push } from '../../../lib/events/push.ts';
import type { Descriptor } from '../../../lib/image/descriptor.ts';
import { type Digest, digestOf } from '../../../lib/image/digest.ts';
import type { Manifest } from '../../../lib/image/manifest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../lib/image/media-types.ts';
import type { Platform } from '../../../lib/image/platform.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { MemoryLedger } from '../../../lib/ledger/memory.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { builtInRule } from '../../../lib/rules/built-in.ts';
import { parseTemplate, withTypes } from '../../../lib/rules/parse-template.ts';
import type { Rule } from '../../../lib/rules/rule.ts';

export const HOST = 'registry.example';
export const REPOSITORY = 'app';
export const START = Date.parse('2026-11-22T10:00:00Z');

const REVISION = 'org.opencontainers.image.revision';

/** The built-in rule, with what a test is about. */
export function aRule(
  over: Partial<Omit<Rule, 'members' | 'targets'>> & { members?: string; targets?: string[] } = {},
): Rule {
  const { members = '{version}-{arch}', targets = ['{version}'], ...rest } = over;
  const template = parseTemplate(members);
  return {
    ...builtInRule(HOST),
    line: 5,
    members: template,
    targets: targets.map(target => withTypes(parseTemplate(target, { target: true }), template)),
    ...rest,
  };
}

export interface ImageFacts {
  readonly arch?: string;
  readonly platform?: Platform;
  /** Told by the revision label. */
  readonly build?: string;
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly docker?: boolean;
}

export interface TestWorld extends World {
  readonly registry: MemoryRegistry;
  readonly ledger: MemoryLedger;
  readonly told: Announcement[];
  readonly pushes: Push[];
  /** Lets time pass, in milliseconds. */
  pass(milliseconds: number): void;
  push(tag: string, facts?: ImageFacts): Promise<Manifest>;
  pushIndex(tag: string, entries: readonly Descriptor[]): Promise<Manifest>;
  /** Handles the wake-ups of all events so far, until there are none. */
  settle(): Promise<readonly string[]>;
  holds(tag: string): Promise<readonly string[] | undefined>;
  digest(tag: string): Promise<Digest | undefined>;
  run(...wakeUps: WakeUp[]): ReturnType<typeof assemble>;
}

/** A world of working parts in memory, for tests to break one of. */
export function aWorld(rules: readonly Rule[] = [aRule()], options: { times?: boolean } = {}): TestWorld {
  let now = START;
  const pushes: Push[] = [];
  const told: Announcement[] = [];
  const registry = new MemoryRegistry({
    ...(options.times === false ? {} : { now: () => now }),
    onEvent: ({ repository, tag, digest, mediaType, action }) => {
      if (tag === undefined) return;
      const time = new Date(now).toISOString();
      pushes.push({
        registry: HOST,
        repository,
        tag,
        digest,
        mediaType,
        action,
        time,
        id: `event-${pushes.length}`,
      });
    },
  });
  let taken = 0;
  const world: TestWorld = {
    registry,
    ledger: new MemoryLedger(),
    rules,
    configs: new ConfigCache(),
    clock: { now: () => now },
    announce: async announcement => void told.push(announcement),
    told,
    pushes,
    pass: milliseconds => {
      now += milliseconds;
    },
    push: async (tag, facts = {}) => {
      const manifest = await storeImage(registry, facts);
      await registry.writeManifest(REPOSITORY, tag, manifest);
      return manifest;
    },
    pushIndex: async (tag, entries) => {
      const manifest = anIndex(entries);
      await registry.writeManifest(REPOSITORY, tag, manifest);
      return manifest;
    },
    settle: async () => {
      const states: string[] = [];
      while (taken < pushes.length) {
        const wakeUps = wakeUpsOf(pushes[taken++]!, rules);
        const outcomes = await assemble(world, wakeUps);
        states.push(
          ...outcomes.map(({ target, state, reasons }) =>
            [target.tag, state, ...reasons.map(r => r.code)].join(' '),
          ),
        );
      }
      return states;
    },
    holds: async tag => {
      const reading = (await registry.readManifests(REPOSITORY, [tag])).get(tag);
      if (reading?.kind !== 'found') return undefined;
      const content = readManifestContent(reading.manifest);
      return content.kind === 'index'
        ? content.manifests.map(({ digest }) => digest)
        : [reading.manifest.digest];
    },
    digest: async tag => (await registry.resolveReferences(REPOSITORY, [tag])).get(tag),
    run: (...wakeUps) => assemble(world, wakeUps),
  };
  return world;
}

/** What a sweep wakes of a target of the world's first rule. */
export function sweepOf({ rules }: Pick<TestWorld, 'rules'>, target: string): readonly WakeUp[] {
  const cause = { source: 'sweep', id: 'sweep', time: '2026-11-22T12:00:00Z' } as const;
  return verifyWakeUps(rules[0]!, HOST, REPOSITORY, target, cause);
}

/** Stores the config and the manifest (by its digest) of an image of one layer. */
export async function storeImage(registry: MemoryRegistry, facts: ImageFacts): Promise<Manifest> {
  const { arch = 'amd64', build, docker = false, created = '2026-11-22T09:00:00Z' } = facts;
  const labels = { ...(build === undefined ? {} : { [REVISION]: build }), ...facts.labels };
  const platform = facts.platform ?? { os: 'linux', architecture: arch };
  const config = bytesOf({
    ...platform,
    created,
    config: { Labels: labels },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const digest = digestOf(config);
  await registry.writeBlob(REPOSITORY, { digest, size: config.byteLength }, async function* () {
    yield config;
  });
  const mediaType = docker ? DOCKER_MANIFEST : OCI_MANIFEST;
  const manifest = asManifest({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: docker ? DOCKER_CONFIG : OCI_CONFIG, digest, size: config.byteLength },
    layers: [],
  });
  await registry.writeManifest(REPOSITORY, manifest.digest, manifest);
  return manifest;
}

export function entryOf(manifest: Manifest, more: Partial<Descriptor> = {}): Descriptor {
  return { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.byteLength, ...more };
}

export function anIndex(manifests: readonly Descriptor[]): Manifest {
  return asManifest({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
}

export function asManifest(value: {
  readonly mediaType: string;
  readonly [field: string]: unknown;
}): Manifest {
  const bytes = bytesOf(value);
  return { bytes, digest: digestOf(bytes), mediaType: value.mediaType };
}

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

export const MINUTE = 60_000;
export const LATEST = aRule({
  members: '{run:int}-{arch}',
  targets: ['latest'],
  newest: { by: 'captures', captures: ['run'] },
});
export const CLI = { source: 'cli', id: 'test', time: '2026-11-22T10:00:00Z' } as const;
