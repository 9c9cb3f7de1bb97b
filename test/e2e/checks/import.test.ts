import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ByteCounter, byteCounter } from '../../support/byte-counter.ts';
import { type DockerRegistry, dockerRegistry } from '../../support/e2e-docker-registry.ts';
import { type Content, content, describeContent, pushContent, TYPES } from '../../support/e2e-images.ts';
import { ARCHWEAVE, archweave, run, start, temporaryFolder, until, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith, soaked } from '../../support/tools.ts';

const MB = 1_000_000;
/** The checks speak of 300 MB at 20 MB/s; this is the same in a fifth of both. */
const SIZES = [30 * MB, 20 * MB, 10 * MB];
const SIZE = SIZES.reduce((sum, size) => sum + size, 0);
const RATE = '5MB/s';

describeWith(['crane', 'docker-registry'], 'import', () => {
  const folder = temporaryFolder('import');
  const env = { XDG_STATE_HOME: join(folder.path, 'state') };
  const options = { cwd: folder.path, env };
  let served: Served;
  let other: DockerRegistry;
  let door: ByteCounter;
  let app: string;
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    other = await dockerRegistry({ folder: join(folder.path, 'other') });
    door = await byteCounter(other.host);
    app = `${served.host}/app`;
    await pushSample(`${app}:1.0`);
    await settle(`${app}:1.0`, 0);
    await pushContent(served.host, 'big', '1', bigImage());
  });
  afterAll(async () => {
    await served?.stop();
    await door?.close();
    await other?.stop();
    folder.remove();
  });
  const digestOf = (reference: string) => using('crane', ['digest', reference]);

  it('check 43: it copies an index as it is, and asks twice where it is there already', async () => {
    const args = ['import', `${app}:1.0`, `${other.host}/m/app:1.0`];
    const first = await archweave(args, options);
    expect({ rc: first.rc, out: first.out }).toEqual({
      rc: 0,
      out: `${other.host}/m/app@${await digestOf(`${app}:1.0`)}\n`,
    });
    expect(await digestOf(`${other.host}/m/app:1.0`)).toBe(await digestOf(`${app}:1.0`));
    await using('crane', ['validate', '--remote', `${other.host}/m/app:1.0`]);
    expect(first.err).toMatch(/^copied 1 index, 2 platforms: [\d.]+ k?B moved, .+, verified\n$/);
    const second = await archweave(['-v', ...args], options);
    expect({ rc: second.rc, out: second.out }).toEqual({ rc: 0, out: first.out });
    expect(second.err).toContain('already there, 2 requests\n');
    expect(second.err.split('\n').filter(line => /^[A-Z]+ \d{3} /.test(line)).length).toBeLessThanOrEqual(2);
    expect(first.err + second.err).not.toMatch(/[\x1b\r]/);
  });

  it('check 44: Ctrl-C leaves what was sent, and the same command goes on from there', async () => {
    const args = ['import', `${served.host}/big:1`, `${door.host}/m/big:1`];
    const running = start(ARCHWEAVE, [...args, '--limit-rate', RATE], options);
    await until(() => (door.sent > SIZE / 3 ? true : undefined), { timeout: 30_000 });
    running.child.kill('SIGINT');
    const first = await running.done;
    expect({ rc: first.rc, out: first.out }).toEqual({ rc: 130, out: '' });
    expect(first.err).toMatch(/stopped at \d+ %\. The same command goes on from here\.\n$/);
    expect(door.sent).toBeLessThan(SIZE);
    const second = await archweave(args, options);
    expect(second.rc).toBe(0);
    const [, there, of] = /^resuming: ([\d.]+) MB of ([\d.]+) MB is there\n/.exec(second.err) ?? [];
    expect(Number(there)).toBeGreaterThan(0);
    expect(Number(of)).toBeCloseTo(SIZE / MB, 0);
    expect(door.sent).toBeLessThanOrEqual(1.1 * SIZE);
    expect(await digestOf(`${other.host}/m/big:1`)).toBe(await digestOf(`${served.host}/big:1`));
    await using('crane', ['validate', '--fast', '--remote', `${other.host}/m/big:1`]);
  });

  it('check 45: --platform makes a smaller index, and --split a tag a platform', async () => {
    const small = `${other.host}/m/small:1.0`;
    const asked = ['--platform', 'linux/arm64', '--split', '{tag}-{arch}'];
    expect(await archweave(['import', `${app}:1.0`, small, ...asked], options)).toMatchObject({ rc: 0 });
    await using('crane', ['validate', '--remote', small]);
    const index = JSON.parse(await using('crane', ['manifest', small]));
    expect(index.manifests.map((entry: { platform: object }) => entry.platform)).toEqual([
      { os: 'linux', architecture: 'arm64' },
    ]);
    const both = `${other.host}/m/split:1.0`;
    expect(await archweave(['import', `${app}:1.0`, both, '--split', '{tag}-{arch}'], options)).toMatchObject(
      { rc: 0 },
    );
    expect((await using('crane', ['ls', `${other.host}/m/split`])).split('\n').sort()).toEqual([
      '1.0',
      '1.0-amd64',
      '1.0-arm64',
    ]);
    expect(await digestOf(`${both}-arm64`)).toBe(index.manifests[0].digest);
    const lacking = await archweave(['import', `${app}:1.0`, small, '--platform', 'linux/s390x'], options);
    expect(lacking).toMatchObject({ rc: 1, out: '' });
    expect(lacking.err).toContain('for linux/s390x: it has linux/amd64 linux/arm64  [not-found]');
  });

  it('check 46: a terminal shows bars that are whole at the end', async () => {
    const command = `${ARCHWEAVE} import ${served.host}/big:1 ${other.host}/t/big:1 --limit-rate 20MB/s`;
    const { rc, out } = await run('script', ['-qec', command, '/dev/null'], {
      ...options,
      env: { ...env, CI: undefined },
    });
    expect(rc).toBe(0);
    expect(out).toMatch(/linux\/amd64 +\[#+\.+\] +\d+ % +[\d.]+ of 60\.0 MB +[\d.]+ MB\/s +\d+ s left/);
    expect(out).toMatch(/total +\[#+\.+\] +\d+ % +\d+ of 4 blobs/);
    expect(out).toMatch(/\x1b\[\d+A|\r/);
    const last = out
      .slice(out.lastIndexOf('\x1b[J') + 3)
      .replaceAll('\r', '')
      .split('\n');
    expect(last.filter(line => line.includes('[')).every(line => !/#\.+\]/.test(line))).toBe(true);
    expect(last[0]).toMatch(/^linux\/amd64 +\[#+\] 60\.0 MB {2}copied 60\.0 MB$/);
    expect(last[2]).toMatch(/^copied 1 image, linux\/amd64: 60\.0 MB moved, /);
  });

  it('says what would move and what it costs, and writes nothing', async () => {
    const args = ['import', `${app}:1.0`, `${other.host}/m/dry:1.0`, '--dry-run'];
    const { rc, out } = await archweave(args, options);
    expect(rc).toBe(0);
    expect(out).toMatch(/^would copy 1 index, 2 platforms to .*\/m\/dry:1\.0\n {2}linux\/amd64 /);
    expect(out).toMatch(/would move [\d.]+ k?B; egress about \$0\.00: the source is this machine\n$/);
    const { rc: gone } = await run('crane', ['digest', `${other.host}/m/dry:1.0`]);
    expect(gone).not.toBe(0);
    const document = JSON.parse((await archweave([...args, '--json'], options)).out);
    expect(document).toMatchObject({ schema: 'archweave/import/v1', dryRun: true });
    expect(document.images[0]).toMatchObject({ egress: { kind: 'known', low: 0, high: 0 }, changed: false });
  });

  it('answers with one document where that is asked for, also when it fails', async () => {
    const args = ['import', `${app}:1.0`, `${other.host}/m/json:1.0`, '--json'];
    const { rc, out, err } = await archweave(args, options);
    expect({ rc, err: err.replace(/^copied .*\n/, '') }).toEqual({ rc: 0, err: '' });
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      schema: 'archweave/import/v1',
      source: `${app}:1.0`,
      target: `${other.host}/m/json:1.0`,
      digest: await digestOf(`${app}:1.0`),
      dropped: [],
    });
    expect(document.images).toHaveLength(1);
    expect(document.images[0]).toMatchObject({ tag: '1.0', platforms: ['linux/amd64', 'linux/arm64'] });
    expect(document.requests.source).toBeGreaterThan(0);
    const failed = await archweave(['import', `${app}:none`, `${other.host}/m/json:1.0`, '--json'], options);
    expect(failed.rc).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({
      schema: 'archweave/import/v1',
      error: { code: 'not-found' },
    });
  });

  it('copies the images of an import; one that fails keeps no other back', async () => {
    const count = soaked(100, 1_000);
    const layer = content(TYPES.ociLayer, randomBytes(100));
    const images = Array.from({ length: count }, (_, at) => tinyImage(at, layer));
    // The layer that they share goes first: pushing it from several sides at once is nobody's way.
    await pushContent(other.host, 'many', '1.0', images[0]!);
    await inLanes(8, images, (image, at) => pushContent(other.host, 'many', `1.${at}`, image));
    const [broken] = images[7]!.blobs;
    await fetch(`http://${other.host}/v2/many/blobs/${broken!.digest}`, { method: 'DELETE' });
    const file = join(folder.path, 'archweave.yaml');
    writeFileSync(
      file,
      `imports:\n  - { name: all of them, from: ${other.host}/many, to: "${served.host}/copy/{repository}", tags: "1.*", when: manual }\n`,
    );
    const refused = await archweave(['import', '--all', '-c', file], options);
    expect(refused.rc).toBe(2);
    expect(refused.err).toContain('Add --yes.');

    const { rc, out, err } = await archweave(['import', '--all', '--yes', '-c', file], {
      ...options,
      timeout: 900_000,
    });
    expect(rc).toBe(1);
    const failures = err.split('\n').filter(line => line.startsWith('failed: '));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain(`${other.host}/many:1.7 -> ${served.host}/copy/many:1.7: `);
    expect(err).toMatch(new RegExp(`\\ncopied ${count - 1} images, 1 failed: .* requests\\n$`));
    expect(out.split('\n').filter(line => line !== '')).toHaveLength(count - 1);
    const tags = (await using('crane', ['ls', `${served.host}/copy/many`])).split('\n');
    expect(tags).toHaveLength(count - 1);

    const again = await archweave(
      ['import', 'all of them', '--yes', '--json', '-c', file, '--tags', '1.1*'],
      options,
    );
    expect(again.rc).toBe(0);
    const document = JSON.parse(again.out);
    expect(document.images.every(({ changed }: { changed: boolean }) => !changed)).toBe(true);
    // Two an image, and the pages of the list of tags.
    const { source, target } = document.requests;
    expect(target).toBe(document.images.length);
    expect(source - document.images.length).toBeLessThanOrEqual(2);
  }, 900_000);
});

/** An image of three layers that no compression makes smaller. */
function bigImage(): Content {
  const layers = SIZES.map(size => content(TYPES.ociLayer, randomBytes(size)));
  return imageOf(layers, { architecture: 'amd64', os: 'linux' });
}

function tinyImage(at: number, layer: Content): Content {
  return imageOf([layer], { architecture: 'amd64', os: 'linux', config: { Labels: { at: String(at) } } });
}

function imageOf(layers: readonly Content[], facts: object): Content {
  const config = content(TYPES.ociConfig, { ...facts, rootfs: { type: 'layers', diff_ids: [] } });
  return content(
    TYPES.ociManifest,
    {
      schemaVersion: 2,
      mediaType: TYPES.ociManifest,
      config: describeContent(config),
      layers: layers.map(describeContent),
    },
    { blobs: [config, ...layers] },
  );
}

async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T, at: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) await work(item, at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
