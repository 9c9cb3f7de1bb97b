import { afterEach, describe, expect, it } from '@jest/globals';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { loadConfig } from '../../../lib/rules/load.ts';
import { logDocument } from '../../../lib/server/log-lines.ts';
import { freePort } from '../../support/e2e-run.ts';
import { servingRoom } from '../../support/serving.ts';

describe('serve with imports', () => {
  const room = servingRoom();
  afterEach(() => room.end());

  it('copies an index as soon as it has published it, and not its members', async () => {
    const port = await freePort();
    const host = `127.0.0.1:${port}`;
    const { config } = loadConfig(
      `indexes:
  - repositories: [${host}/*]
    platforms: [linux/amd64, linux/arm64]
imports:
  - { name: mirror, from: ${host}/*, to: "mirror.example/m/{repository}" }
`,
      { file: 'archweave.yaml' },
    );
    const mirror = new MemoryRegistry();
    const served = await room.start({
      listen: { host: '127.0.0.1', port },
      config: config!,
      open: ({ host: name }) => {
        if (name !== 'mirror.example') throw new Error(`nobody opens ${name}`);
        return mirror;
      },
    });
    expect(served.serving.hooks).toEqual([]);
    await served.push('1.0-amd64', 'amd64');
    await served.push('1.0-arm64', 'arm64');
    const digest = await served.digest('1.0');
    const copied = await mirror.resolveReferences('m/app', ['1.0', '1.0-amd64']);
    expect([...copied]).toEqual([
      ['1.0', digest],
      ['1.0-amd64', undefined],
    ]);
    expect(served.lines().at(-1)).toMatch(
      /^imported {3}app:1\.0 {8}is copied to mirror\.example\/m\/app:1\.0: .+ in .+, verified$/,
    );
    const event = served.events.find(({ kind }) => kind === 'imported')!;
    expect(logDocument(event)).toMatchObject({
      event: 'imported',
      type: 'Import Finished',
      detail: {
        import: 'mirror',
        digest,
        target: { registry: 'mirror.example', repository: 'm/app', tag: '1.0' },
      },
    });
  });
});
