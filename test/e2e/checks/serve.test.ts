import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Entry, sha256 } from '../../support/e2e-images.ts';
import { archweave, run, temporaryFolder, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith, tool } from '../../support/tools.ts';

describeWith(['crane', 'skopeo', 'docker'], 'serve, pushes and clients', () => {
  const folder = temporaryFolder('serve');
  let served: Served;
  let app: string;
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    app = `${served.host}/app`;
  });
  afterAll(async () => {
    await served?.stop();
    folder.remove();
  });

  it('check 11: standard output is one line, the log says what is served', () => {
    expect(served.line).toBe(`http://${served.host}/`);
    for (const word of ['registry', 'rules', 'storage']) {
      expect(served.log()).toMatch(new RegExp(`^  ${word} `, 'm'));
    }
  });

  it('checks 12 and 13: half a group waits, says for what, and nothing half is there', async () => {
    await pushSample(`${app}:1.0`, '--platform', 'linux/amd64');
    const { rc, out } = await archweave(['explain', `${app}:1.0`]);
    expect(rc).toBe(3);
    expect(out.split('\n')[0]).toBe('app:1.0 is waiting: 1 of 2 there, linux/arm64 is missing.');
    expect(out).toContain('1.0-aarch64');
    expect(out).toMatch(/^next /m);
    expect((await run(tool('crane'), ['digest', `${app}:1.0`])).err).toMatch(/404|MANIFEST_UNKNOWN/);
  });

  it('check 14: the second half makes it whole within two seconds, for docker and skopeo too', async () => {
    await pushSample(`${app}:1.0`, '--platform', 'linux/arm64');
    const began = performance.now();
    expect(await settle(`${app}:1.0`, 0)).toMatchObject({ rc: 0 });
    expect(performance.now() - began).toBeLessThan(2000);

    const seen = JSON.parse(await using('docker', ['manifest', 'inspect', '--insecure', `${app}:1.0`]));
    expect(seen.manifests.map((entry: Entry) => entry.platform?.architecture)).toEqual(['amd64', 'arm64']);
    const skopeo = await run(tool('skopeo'), [
      'inspect',
      '--raw',
      '--tls-verify=false',
      `docker://${app}:1.0`,
    ]);
    const ours = await archweave(['inspect', '--raw', `${app}:1.0`]);
    expect(skopeo.rc).toBe(0);
    expect(ours.bytes.equals(skopeo.bytes)).toBe(true);
  });

  it('check 15: the bytes are what the digest says', async () => {
    const { bytes } = await archweave(['inspect', '--raw', `${app}:1.0`]);
    expect(sha256(bytes)).toBe(await using('crane', ['digest', `${app}:1.0`]));
  });

  it('check 16: crane pulls one platform, the one that inspect names', async () => {
    const pulled = join(folder.path, 'pulled');
    const tar = join(folder.path, 'a.tar');
    await using('crane', ['pull', '--platform', 'linux/arm64', `${app}:1.0`, tar]);
    await using('crane', ['pull', '--format', 'oci', '--platform', 'linux/arm64', `${app}:1.0`, pulled]);
    const layout = JSON.parse(readFileSync(join(pulled, 'index.json'), 'utf8'));
    const ours = await archweave(['inspect', '--platform', 'linux/arm64', '--json', `${app}:1.0`]);
    expect(layout.manifests[0].digest).toBe(JSON.parse(ours.out).digest);
  });

  it('check 20: attestations stay with their images, after all of them', async () => {
    await pushSample(`${served.host}/att:1.0`, '--attestation');
    expect(await settle(`${served.host}/att:1.0`, 0)).toMatchObject({ rc: 0 });
    const { out } = await archweave(['inspect', '--raw', `${served.host}/att:1.0`]);
    const entries: readonly Entry[] = JSON.parse(out).manifests;
    const shown = JSON.parse(
      await using('docker', ['manifest', 'inspect', '--insecure', `${served.host}/att:1.0`]),
    );
    expect(shown.manifests).toHaveLength(4);
    expect(entries).toHaveLength(4);
    expect(entries.filter(entry => /index|list/.test(entry.mediaType))).toEqual([]);
    const images = entries.slice(0, 2);
    expect(images.map(entry => entry.platform?.architecture)).toEqual(['amd64', 'arm64']);
    expect(entries.slice(2).map(entry => entry.annotations?.['vnd.docker.reference.digest'])).toEqual(
      images.map(entry => entry.digest),
    );
  });
});
