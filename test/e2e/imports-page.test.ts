import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { loadConfig } from '../../lib/rules/load.ts';
import { type DockerRegistry, dockerRegistry } from '../support/e2e-docker-registry.ts';
import { ARCHWEAVE, archweave, run, temporaryFolder } from '../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../support/e2e-serve.ts';
import { describeWith, PROJECT_ROOT } from '../support/tools.ts';

const PAGE = readFileSync(join(PROJECT_ROOT, 'docs', 'imports.md'), 'utf8');

/** Commands of the page in their order, each with the lines that it shows. */
const COMMANDS = [...PAGE.matchAll(/^```console\n([\s\S]*?)^```/gm)]
  .flatMap(([, block]) => block!.split(/^\$ /m).slice(1))
  .map(text => {
    const [command = '', ...shown] = text.trimEnd().split('\n');
    return { command, shown };
  });

/** Sizes, times, counts of requests and digests are not the same twice. */
const vague = (line: string): string =>
  line
    .replace(/sha256:[0-9a-f]+/g, 'sha256:#')
    .replace(/\d+(\.\d+)? (B|kB|MB|ms|s|requests)\b/g, '# $2')
    .replace(/# (?:B|kB|MB)/g, '# B')
    .replace(/# (?:ms|s)\b/g, '# s');

describeWith(['docker-registry'], 'docs/imports.md', () => {
  const folder = temporaryFolder('imports-page');
  let served: Served;
  let other: DockerRegistry;
  beforeAll(async () => {
    served = await serve({ storage: join(folder.path, 's'), cwd: folder.path });
    other = await dockerRegistry({ folder: join(folder.path, 'other') });
    await pushSample(`${served.host}/app:1.0`);
    await settle(`${served.host}/app:1.0`, 0);
    const [, yaml] = /^```yaml\n([\s\S]*?)^```/m.exec(PAGE)!;
    // Nothing but the machine is asked: the import of Docker Hub is checked and not run.
    const local = here(yaml!).replace(/docker\.io\/library\/alpine/, `${served.host}/alpine`);
    writeFileSync(join(folder.path, 'checked.yaml'), here(yaml!));
    writeFileSync(join(folder.path, 'archweave.yaml'), local);
  });
  afterAll(async () => {
    await served?.stop();
    await other?.stop();
    folder.remove();
  });
  const here = (text: string): string =>
    text.replaceAll('127.0.0.1:5100', served.host).replaceAll('127.0.0.1:5001', other.host);

  it('shows a configuration without mistakes', async () => {
    const { rc, out } = await archweave(['check', '-c', join(folder.path, 'checked.yaml')], {
      cwd: folder.path,
    });
    expect({ rc, out }).toEqual({
      rc: 0,
      out: 'checked.yaml: 3 registries, 1 index rule, 4 imports. No mistakes.\n',
    });
  });

  it('shows registries in Azure without mistakes', () => {
    const blocks = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text]) => text!);
    const azure = blocks.filter(text => text.includes('resource:'));
    expect(azure.map(text => loadConfig(text, { file: 'archweave.yaml' }).findings)).toEqual([[]]);
  });

  it.each(COMMANDS)('shows what comes of $command', async ({ command, shown }) => {
    const line = here(command).replace(/^archweave /, `${ARCHWEAVE} `);
    const env = { XDG_STATE_HOME: join(folder.path, 'state') };
    const { rc, out } = await run('bash', ['-c', `${line} 2>&1`], { cwd: folder.path, env });
    expect({ rc, shown: out.trimEnd().split('\n').map(vague) }).toEqual({
      rc: 0,
      shown: shown.map(here).map(vague),
    });
  });

  it('has commands', () => {
    expect(COMMANDS.length).toBeGreaterThan(6);
  });
});
