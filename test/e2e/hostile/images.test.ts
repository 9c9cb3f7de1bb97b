import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import {
  type Content,
  content,
  describeContent,
  pushContent,
  sampleImage,
  TYPES,
} from '../../support/e2e-images.ts';
import { archweave, temporaryFolder, until } from '../../support/e2e-run.ts';
import { type Served, serve } from '../../support/e2e-serve.ts';
import { describeWith } from '../../support/tools.ts';
import { UNSAFE } from './unsafe-text.ts';

const EVIL = '\u001b]0;owned\u0007\u001b[2J\u202e\u2066\r\n10:00:00Z  published  everything\u0085';
const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };

/** An image whose config and manifest are what the test says. */
function imageOf(config: object, more: object = {}): Content {
  const blob = content(TYPES.ociConfig, { rootfs: { type: 'layers', diff_ids: [] }, ...config });
  const value = {
    schemaVersion: 2,
    mediaType: TYPES.ociManifest,
    config: describeContent(blob),
    layers: [],
    ...more,
  };
  return content(TYPES.ociManifest, value, { blobs: [blob] });
}

const labels = (values: Readonly<Record<string, string>>) => ({ config: { Labels: values } });
const REVISION = 'org.opencontainers.image.revision';

/** A hostile arm64 member next to a plain amd64 one, and how the group ends. */
const MEMBERS: readonly (readonly [string, Content, 'published' | 'held' | 'waiting'])[] = [
  ['a revision of control characters', imageOf({ ...ARM64, ...labels({ [REVISION]: EVIL }) }), 'waiting'],
  [
    'a revision of half a megabyte',
    imageOf({ ...ARM64, ...labels({ [REVISION]: 'r'.repeat(500_000) }) }),
    'waiting',
  ],
  ['an architecture of control characters', imageOf({ os: 'linux', architecture: EVIL }), 'held'],
  ['a system that climbs', imageOf({ os: '../../etc', architecture: 'arm64' }), 'waiting'],
  ['a variant of control characters', imageOf({ ...ARM64, variant: EVIL }), 'waiting'],
  ['annotations of control characters', imageOf(ARM64, { annotations: { [EVIL]: EVIL } }), 'published'],
  [
    'labels by inheritance',
    imageOf({ ...ARM64, ...labels(JSON.parse('{"__proto__":"x","constructor":"y"}')) }),
    'published',
  ],
  ['a creation time of control characters', imageOf({ ...ARM64, created: EVIL }), 'published'],
  ['labels that are numbers', imageOf({ ...ARM64, config: { Labels: { a: 7 } } }), 'held'],
  ['a config that is no JSON', imageOfBytes(Buffer.from('{')), 'held'],
  [
    'a config that is a list, 100,000 deep',
    imageOfBytes(Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
    'held',
  ],
];

function imageOfBytes(bytes: Buffer): Content {
  const blob = content(TYPES.ociConfig, bytes);
  const value = { schemaVersion: 2, mediaType: TYPES.ociManifest, config: describeContent(blob), layers: [] };
  return content(TYPES.ociManifest, value, { blobs: [blob] });
}

describeWith(['docker-registry'], 'an image from somebody hostile', () => {
  const folder = temporaryFolder('hostile-images');
  let registry: RunningRegistry;
  let served: Served;
  const tags = MEMBERS.map((_, at) => `${at}.0`);
  beforeAll(async () => {
    registry = await startDockerRegistry();
    for (const [at, [, member]] of MEMBERS.entries()) {
      await pushContent(registry.host, 'app', `${at}.0-amd64`, sampleImage(AMD64, { text: `${at}` }));
      await pushContent(registry.host, 'app', `${at}.0-arm64`, member);
    }
    mkdirSync(folder.path, { recursive: true });
    const lines = [
      'registries:',
      `  local: { host: "${registry.host}" }`,
      'indexes:',
      '  - repositories: [local/*]',
      '    platforms: [linux/amd64, linux/arm64]',
      '    backfill: true',
      '',
    ];
    writeFileSync(join(folder.path, 'archweave.yaml'), lines.join('\n'));
    served = await serve({
      storage: join(folder.path, 's'),
      cwd: folder.path,
      args: ['--no-registry', '--reconcile', '1h'],
    });
    await until(() => (tags.every(tag => served.log().includes(`app:${tag}`)) ? true : undefined), {
      timeout: 10_000,
    });
  });
  afterAll(async () => {
    await served?.stop();
    await registry?.stop();
    folder.remove();
  });

  it.each(MEMBERS.map(([title, , ends], at) => [title, ends, tags[at]!] as const))(
    'with %s ends %s',
    async (_, ends, tag) => {
      const answer = await fetch(`http://${registry.host}/v2/app/manifests/${tag}`, {
        headers: { accept: TYPES.ociIndex },
      });
      expect(answer.status).toBe(ends === 'published' ? 200 : 404);
      const reference = `${registry.host}/app:${tag}`;
      const { out, err } = await archweave(['explain', reference], { cwd: folder.path });
      const is = ends === 'published' ? /app:\S+ is there and right/ : new RegExp(`app:\\S+ is ${ends}`);
      expect(out).toMatch(is);
      expect(out + err).not.toMatch(UNSAFE);
      expect(out.length).toBeLessThan(2_000);
    },
  );

  it.each(['inspect', 'list', 'create'])('fools nobody who reads %s', async command => {
    const shown = MEMBERS.flatMap(([title], at) => (title.includes('control characters') ? [tags[at]!] : []));
    for (const tag of command === 'list' ? shown.slice(0, 1) : shown) {
      const app = `${registry.host}/app`;
      const args = {
        inspect: ['inspect', `${app}:${tag}-arm64`],
        list: ['list', app],
        create: ['create', `${app}:new-${tag}`, `${app}:${tag}-amd64`, `${app}:${tag}-arm64`],
      }[command]!;
      const { out, err } = await archweave(args, { cwd: folder.path });
      expect({ tag, text: out + err }).toEqual({ tag, text: expect.not.stringMatching(UNSAFE) });
    }
  });

  it('fools nobody who reads the log', () => {
    expect(served.log()).not.toMatch(UNSAFE);
    expect(served.log().length).toBeLessThan(100_000);
  });
});
