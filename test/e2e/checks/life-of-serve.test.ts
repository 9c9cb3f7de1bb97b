import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { type DockerRegistry, dockerRegistry } from '../../support/e2e-docker-registry.ts';
import { archweave, freePort, pause, run, temporaryFolder, until, using } from '../../support/e2e-run.ts';
import { hookToken, pushSample, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith, tool } from '../../support/tools.ts';

describeWith(['crane', 'docker-registry'], 'the life of serve', () => {
  const folder = temporaryFolder('life');
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends) await end();
    folder.remove();
  });
  const room = (name: string): string => {
    const path = join(folder.path, name);
    mkdirSync(path);
    return path;
  };

  it('check 21: an index that a person deletes stays away', async () => {
    const cwd = room('withdrawn');
    const served = await serve({ storage: join(cwd, 's'), cwd, args: ['--reconcile', '1s'] });
    ends.push(() => served.stop());
    await pushSample(`${served.host}/app:1.0`);
    expect(await settle(`${served.host}/app:1.0`, 0)).toMatchObject({ rc: 0 });
    await using('crane', ['delete', `${served.host}/app:1.0`]);
    for (let look = 0; look < 8; look += 1) {
      await pause(500);
      expect((await run(tool('crane'), ['ls', `${served.host}/app`])).out.split('\n')).not.toContain('1.0');
    }
    const { rc, out } = await archweave(['explain', `${served.host}/app:1.0`], { cwd });
    expect(rc).toBe(4);
    expect(out).toMatch(/a person deleted 1\.0 on /);
    const json = await archweave(['explain', '--json', `${served.host}/app:1.0`], { cwd });
    expect(JSON.parse(json.out).group.reasons[0].code).toBe('withdrawn');
  });

  it('check 22: what was pushed while serve was killed is found when it starts again', async () => {
    const cwd = room('lost');
    const port = await freePort();
    const listen = `127.0.0.1:${await freePort()}`;
    writeFileSync(
      join(cwd, 'archweave.yaml'),
      `registries:\n  local: 127.0.0.1:${port}\nindexes:\n  - repositories: [local/*]\n    platforms: [linux/amd64, linux/arm64]\n`,
    );
    const options = { storage: join(cwd, 's'), listen, cwd, args: ['--no-registry'] };
    const first = await serve(options);
    const url = `http://${listen}/hooks/local`;
    const registry: DockerRegistry = await dockerRegistry({
      folder: room('lost-registry'),
      port,
      notify: { url, token: hookToken(options.storage) },
    });
    ends.push(() => registry.stop());
    await first.stop('SIGKILL');
    await pushSample(`${registry.host}/lost:1.0`);
    const second = await serve(options);
    ends.push(() => second.stop());
    const began = performance.now();
    const digest = await until(
      async () => {
        const outcome = await run(tool('crane'), ['digest', `${registry.host}/lost:1.0`]);
        return outcome.rc === 0 ? outcome.out.trim() : undefined;
      },
      { timeout: 15_000, every: 100 },
    );
    expect(digest).toMatch(/^sha256:/);
    expect(performance.now() - began).toBeLessThan(15_000);
    const line = await until(() => second.log().match(/^.* published +lost:1\.0 .*$/m)?.[0]);
    expect(line).toContain('found by looking, no event came');
  });

  it('check 23: a taken port and an open door are refused, and no process stays', async () => {
    const cwd = room('refused');
    const served = await serve({ storage: join(cwd, 's'), cwd });
    ends.push(() => served.stop());
    const taken = await archweave(['serve', '--listen', served.host, '--storage', join(cwd, 'other')], {
      cwd,
    });
    expect(taken).toMatchObject({ rc: 1, out: '' });
    expect(taken.err).toContain('[port-in-use]');
    expect(taken.err).toContain(`pid ${served.pid}`);
    const open = await archweave(['serve', '--listen', `0.0.0.0:${await freePort()}`], { cwd });
    expect(open).toMatchObject({ rc: 2, out: '' });
    expect(open.err).toContain('[open-to-all]');
    expect(existsSync(join(cwd, '.archweave'))).toBe(false);
    const storage = await archweave(['serve', '--listen', '127.0.0.1:0', '--storage', served.storage], {
      cwd,
    });
    expect(storage).toMatchObject({ rc: 1, out: '' });
    expect(storage.err).toContain('[storage-in-use]');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('check 24: %s ends it cleanly and soon', async signal => {
    const cwd = room(signal);
    const served = await serve({ storage: join(cwd, 's'), cwd });
    const began = performance.now();
    const { rc, out } = await served.stop(signal);
    expect(performance.now() - began).toBeLessThan(5000);
    expect({ rc, out }).toEqual({ rc: 0, out: `http://${served.host}/\n` });
    expect(served.log().trimEnd().split('\n').at(-1)).toContain('start again with: archweave serve');
  });
});
