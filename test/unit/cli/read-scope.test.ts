import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import type { Invocation } from '../../../lib/cli/command.ts';
import { readScope } from '../../../lib/cli/read-scope.ts';
import { temporaryFolder } from '../../support/e2e-run.ts';

describe('a SCOPE', () => {
  const folder = temporaryFolder('read-scope');
  const path = (...parts: readonly string[]) => join(folder.path, ...parts);
  afterEach(() => {
    for (const name of ['.archweave', 'archweave.yaml']) rmSync(path(name), { recursive: true, force: true });
  });
  afterAll(() => folder.remove());
  const read = (text?: string) => {
    const common = { json: false, quiet: false, verbose: false, plainHttp: false, timeout: 1_000 };
    return readScope(text, { common, cwd: folder.path, env: {} } as unknown as Invocation);
  };
  const writeConfig = () =>
    writeFileSync(
      path('archweave.yaml'),
      'registries: { local: "127.0.0.1:5001" }\nindexes:\n  - repositories: [local/*]\n    platforms: [linux/amd64]\n',
    );
  const writeServed = () => {
    mkdirSync(path('.archweave'));
    writeFileSync(path('.archweave', 'serve.json'), '{"embedded":"127.0.0.1:5100","swept":{}}');
  };

  it('that is left out is the registry that serve keeps here, where no archweave.yaml says another', async () => {
    writeServed();
    expect(await read()).toMatchObject({
      registries: [{ host: '127.0.0.1:5100', rules: [{ name: 'built in' }] }],
    });
    writeConfig();
    expect(await read()).toMatchObject({ registries: [{ host: '127.0.0.1:5001' }] });
  });

  it('that is left out where nothing says what is meant asks for one', async () => {
    await expect(read()).rejects.toMatchObject({
      code: 'no-config',
      next: expect.stringMatching(/^name one: HOST or HOST\/REPO /),
    });
  });

  it('that is nearly a registry of archweave.yaml is no repository of Docker Hub', async () => {
    writeConfig();
    await expect(read('lokal')).rejects.toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('Did you mean "local"?'),
    });
    expect(await read('alpine')).toMatchObject({ registries: [{ host: 'docker.io' }] });
  });
});
