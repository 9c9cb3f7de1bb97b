import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { archweave, pause, temporaryFolder, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['crane'], 'what does not belong together', () => {
  const folder = temporaryFolder('held');
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

  it('check 17: an image that its tag mislabels is held, and no index is made', async () => {
    await using('crane', ['tag', `${app}:1.0-amd64`, '2.0-amd64']);
    await using('crane', ['tag', `${app}:1.0-amd64`, '2.0-arm64']);
    const { rc, out } = await settle(`${app}:2.0`, 4);
    expect(rc).toBe(4);
    expect(out).toContain('2.0-arm64 says arm64, but the image is linux/amd64');
    expect((await using('crane', ['ls', app])).split('\n')).not.toContain('2.0');
  });

  it('check 18: two halves of two builds wait, until both are of one', async () => {
    await pushSample(`${app}:3.0`, '--platform', 'linux/amd64', '--build', 'aaa1111');
    await pushSample(`${app}:3.0`, '--platform', 'linux/arm64', '--build', 'bbb2222');
    const { rc, out } = await settle(`${app}:3.0`, 3);
    expect(rc).toBe(3);
    expect(out).toContain('aaa1111');
    expect(out).toContain('bbb2222');
    const { group } = JSON.parse((await archweave(['explain', '--json', `${app}:3.0`])).out);
    expect(group.reasons[0].code).toBe('mixed-builds');
    await pushSample(`${app}:3.0`, '--platform', 'linux/amd64', '--build', 'bbb2222');
    expect(await settle(`${app}:3.0`, 0)).toMatchObject({ rc: 0 });
  });

  it('check 19: a whole index stays as it is while the next build is half there', async () => {
    const digest = (): Promise<string> => using('crane', ['digest', `${app}:1.0`]);
    const before = await digest();
    await pushSample(`${app}:1.0`, '--platform', 'linux/amd64', '--build', 'aaa1111');
    for (let look = 0; look < 10; look += 1) {
      expect(await digest()).toBe(before);
      await pause(50);
    }
    expect(await settle(`${app}:1.0`, 3)).toMatchObject({ rc: 3 });
    await pushSample(`${app}:1.0`, '--platform', 'linux/arm64', '--build', 'bbb2222');
    expect((await settle(`${app}:1.0`, 3)).out).toContain('bbb2222');
    await pause(500);
    expect(await digest()).toBe(before);
    await pushSample(`${app}:1.0`, '--platform', 'linux/amd64', '--build', 'bbb2222');
    expect(await settle(`${app}:1.0`, 0)).toMatchObject({ rc: 0 });
    expect(await digest()).not.toBe(before);
  });
});
