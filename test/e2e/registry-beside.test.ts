import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Beside, beside } from '../support/e2e-beside.ts';
import { type Content, pushContent, sampleImage, writeLayout } from '../support/e2e-images.ts';
import { archweave, pause, run, temporaryFolder, until, using } from '../support/e2e-run.ts';
import { describeWith, soaked, tool } from '../support/tools.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };
const ARM64 = { os: 'linux', architecture: 'arm64' };

describeWith(['docker-registry', 'skopeo', 'crane', 'docker'], 'serve beside a docker-registry', () => {
  const folder = temporaryFolder('beside');
  let system: Beside;
  let host: string;
  beforeAll(async () => {
    system = await beside({ folder: folder.path, reconcile: '1h' });
    host = system.registry.host;
  });
  afterAll(async () => {
    await system?.end();
    folder.remove();
  });

  let layouts = 0;
  const layoutOf = (image: Content): string => {
    layouts += 1;
    const path = join(folder.path, `layout-${layouts}`);
    writeLayout(path, image);
    return path;
  };
  const skopeoPush = (image: Content, to: string): Promise<string> =>
    using('skopeo', [
      ...['copy', '--quiet', '--insecure-policy', '--dest-tls-verify=false'],
      ...[`oci:${layoutOf(image)}:latest`, `docker://${host}/${to}`],
    ]);
  const cranePush = (image: Content, to: string): Promise<string> =>
    using('crane', ['push', layoutOf(image), `${host}/${to}`]);
  const digestOf = async (reference: string): Promise<string | undefined> => {
    const answer = await fetch(`http://${host}/v2/${reference.replace(':', '/manifests/')}`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    return answer.headers.get('docker-content-digest') ?? undefined;
  };

  it('makes an index within a second of the last push, by skopeo and by crane', async () => {
    const amd64 = sampleImage(AMD64, { text: 'one' });
    const arm64 = sampleImage(ARM64, { text: 'one' });
    await skopeoPush(amd64, 'team/app:1.0-amd64');
    await cranePush(arm64, 'team/app:1.0-arm64');
    const pushed = performance.now();
    const digest = await until(() => digestOf('team/app:1.0'), { timeout: 10_000, every: 10 });
    const took = performance.now() - pushed;
    expect(digest).toBeDefined();
    expect(took).toBeLessThan(1000);

    const seen = JSON.parse(
      await using('docker', ['manifest', 'inspect', '--insecure', `${host}/team/app:1.0`]),
    );
    const raw = await using('skopeo', [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${host}/team/app:1.0`,
    ]);
    for (const index of [seen, JSON.parse(raw)]) {
      expect(index.manifests).toEqual([
        expect.objectContaining({ digest: amd64.digest, platform: AMD64 }),
        expect.objectContaining({ digest: arm64.digest, platform: ARM64 }),
      ]);
    }
    const path = join(folder.path, 'pulled.tar');
    await using('crane', ['pull', '--platform', 'linux/arm64', `${host}/team/app:1.0`, path]);
    expect(await using('crane', ['digest', '--platform', 'linux/arm64', `${host}/team/app:1.0`])).toBe(
      arm64.digest,
    );
    await using('crane', ['validate', '--remote', `${host}/team/app:1.0`]);
    expect(await archweave(['explain', `${host}/team/app:1.0`], { cwd: system.cwd })).toMatchObject({
      rc: 0,
    });
  });

  it('hears of every push although the registry announces it before its tag is there', async () => {
    const versions = Array.from({ length: 20 }, (_, index) => `2.${index}`);
    for (const version of versions) {
      for (const platform of [AMD64, ARM64]) {
        const image = sampleImage(platform, { text: version });
        await pushContent(host, 'early', `${version}-${platform.architecture}`, image);
      }
    }
    const pushed = performance.now();
    for (const version of versions) {
      const digest = await until(() => digestOf(`early:${version}`), { timeout: 8000 });
      expect({ version, there: digest !== undefined }).toEqual({ version, there: true });
    }
    expect(performance.now() - pushed).toBeLessThan(8000);
  });

  it('follows a tag that moves, and never shows a mixture', async () => {
    const images = await Promise.all(
      ['first', 'second'].map(async build => ({
        amd64: sampleImage(AMD64, { build, text: build }),
        arm64: sampleImage(ARM64, { build, text: build }),
      })),
    );
    const [first, second] = [images[0]!, images[1]!];
    await cranePush(first.amd64, 'moving:1-amd64');
    await cranePush(first.arm64, 'moving:1-arm64');
    const before = await until(() => digestOf('moving:1'));
    expect(before).toBeDefined();
    await cranePush(second.arm64, 'moving:1-arm64');
    await pause(500);
    expect(await digestOf('moving:1')).toBe(before);
    await cranePush(second.amd64, 'moving:1-amd64');
    const after = await until(async () => {
      const digest = await digestOf('moving:1');
      return digest === before ? undefined : digest;
    });
    expect(after).toBeDefined();
    const { manifests } = JSON.parse(await using('crane', ['manifest', `${host}/moving:1`]));
    expect(manifests.map((entry: { digest: string }) => entry.digest)).toEqual([
      second.amd64.digest,
      second.arm64.digest,
    ]);
  });

  it('finds what was pushed while it was killed, again and again', async () => {
    const rounds = soaked(2, 10);
    for (let round = 1; round <= rounds; round += 1) {
      const versions = ['a', 'b', 'c', 'd'].map(name => `${round}.${name}`);
      const pushes = versions.map(async (version, index) => {
        await cranePush(sampleImage(AMD64, { text: version }), `storm/app:${version}-amd64`);
        await pause(index * 20);
        await skopeoPush(sampleImage(ARM64, { text: version }), `storm/app:${version}-arm64`);
      });
      await pause(60 + 90 * round);
      await system.serve().stop('SIGKILL');
      await Promise.all(pushes);
      await system.startServe();
      for (const version of versions) {
        const digest = await until(() => digestOf(`storm/app:${version}`), { timeout: 15_000 });
        expect({ version, there: digest !== undefined }).toEqual({ version, there: true });
        const { rc, err } = await run(tool('crane'), [
          'validate',
          '--remote',
          `${host}/storm/app:${version}`,
        ]);
        expect({ version, rc, err }).toMatchObject({ version, rc: 0 });
      }
    }
  });
});
