import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type DockerRegistry, dockerRegistry } from '../../support/e2e-docker-registry.ts';
import { pushContent, sampleImage } from '../../support/e2e-images.ts';
import { archweave, temporaryFolder } from '../../support/e2e-run.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['docker-registry'], 'explain beside a registry', () => {
  const folder = temporaryFolder('explain');
  const cwd = join(folder.path, 'work');
  let registry: DockerRegistry;
  beforeAll(async () => {
    mkdirSync(cwd);
    registry = await dockerRegistry({ folder: folder.path });
    writeFileSync(
      join(cwd, 'archweave.yaml'),
      [
        'registries:',
        `  near: ${registry.host}`,
        'indexes:',
        '  - name: apps',
        '    repositories: [near/*]',
        '    platforms: [linux/amd64, linux/arm64]',
        '',
      ].join('\n'),
    );
    const amd64 = sampleImage({ os: 'linux', architecture: 'amd64' });
    const arm64 = sampleImage({ os: 'linux', architecture: 'arm64' });
    await pushContent(registry.host, 'app', '1.5-amd64', amd64);
    await pushContent(registry.host, 'app', '1.5_arm64', arm64);
    await pushContent(registry.host, 'app', 'nightly', amd64);
  });
  afterAll(async () => {
    await registry?.stop();
    folder.remove();
  });
  const explain = (tag: string) => archweave(['explain', `${registry.host}/app:${tag}`], { cwd });

  it('check 41: a tag that is nearly a member is named', async () => {
    const { rc, out } = await explain('1.5');
    expect(rc).toBe(3);
    expect(out).toMatch(/^near .*1\.5_arm64/m);
  });

  it("check 42: a member's tag is answered with its index", async () => {
    const { rc, out } = await explain('1.5-amd64');
    expect(out.split('\n')[0]).toContain('is a member of app:1.5');
    expect(rc).toBe(3);
  });

  it('check 42: where no rule makes a tag, the nearest rule is named with its line', async () => {
    const { rc, out } = await explain('nightly');
    expect(rc).toBe(2);
    expect(out.split('\n')[0]).toContain('no rule makes it');
    expect(out).toMatch(/^ +nearest +apps \(archweave\.yaml:4\)/m);
    expect(out).toMatch(/^ +next +push nightly-amd64 and nightly-arm64 to /m);
  });
});
