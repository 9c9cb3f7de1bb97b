import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { archweave, temporaryFolder, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['crane'], 'list and inspect', () => {
  const folder = temporaryFolder('overview');
  let served: Served;
  let app: string;
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    app = `${served.host}/app`;
    await pushSample(`${app}:1.0`);
    await settle(`${app}:1.0`, 0);
  });
  afterAll(async () => {
    await served?.stop();
    folder.remove();
  });

  it('check 33: list is a table in natural order, targets before their members', async () => {
    for (const version of ['1.10', '1.9']) {
      for (const arch of ['amd64', 'arm64']) {
        await using('crane', ['tag', `${app}:1.0-${arch}`, `${version}-${arch}`]);
      }
    }
    expect(await settle(`${app}:1.9`, 0)).toMatchObject({ rc: 0 });
    expect(await settle(`${app}:1.10`, 0)).toMatchObject({ rc: 0 });
    const { rc, out } = await archweave(['list', app]);
    expect(rc).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines[0]!.split(/\s+/).join(' ')).toBe('TAG KIND PLATFORMS DIGEST PUSHED BELONGS TO');
    expect(lines.slice(1).map(line => line.split(/\s+/)[0])).toEqual(
      ['1.0', '1.9', '1.10'].flatMap(version => [version, `${version}-amd64`, `${version}-arm64`]),
    );
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('check 34: a platform that is not there is an error that names those that are', async () => {
    const { rc, out, err } = await archweave(['inspect', '--platform', 'linux/riscv64', `${app}:1.0`]);
    expect({ rc, out }).toEqual({ rc: 1, out: '' });
    expect(err).toContain('[not-found]');
    expect(err).toContain('linux/amd64');
    expect(err).toContain('linux/arm64');
  });
});
