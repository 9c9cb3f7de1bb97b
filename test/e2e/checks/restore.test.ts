import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { archweave, pause, temporaryFolder, using } from '../../support/e2e-run.ts';
import { pushSample, type Served, serve, settle } from '../../support/e2e-serve.ts';
import { describeWith } from '../../support/tools.ts';

describeWith(['crane'], 'what a person took away', () => {
  const folder = temporaryFolder('restore');
  let served: Served;
  let app: string;
  beforeAll(async () => {
    served = await serve({
      storage: join(folder.path, 's'),
      cwd: folder.path,
      args: ['--reconcile', '1s'],
    });
    app = `${served.host}/app`;
    await pushSample(`${app}:1.0`);
    await settle(`${app}:1.0`, 0);
  });
  afterAll(async () => {
    await served?.stop();
    folder.remove();
  });

  it('check 21: stays away, until it is asked for again', async () => {
    const before = await using('crane', ['digest', `${app}:1.0`]);
    await using('crane', ['delete', `${app}@${before}`]);
    const explained = await settle(`${app}:1.0`, 4);
    expect(explained.out).toContain('a person deleted 1.0');
    await pause(3_000); // a few sweeps
    expect(await using('crane', ['ls', app])).not.toMatch(/^1\.0$/m);

    const plan = await archweave(['plan', app]);
    expect(plan.out).toMatch(/^ {2}! 1\.0 +held/m);
    expect(await archweave(['apply', `${app}:1.0`])).toMatchObject({ rc: 4, out: '' });
    const restored = await archweave(['apply', '--restore', `${app}:1.0`]);
    expect(restored).toMatchObject({ rc: 0, out: `${app}:1.0@${before}\n` });
    expect(await using('crane', ['digest', `${app}:1.0`])).toBe(before);
    const again = await settle(`${app}:1.0`, 0);
    expect(again.out).toMatch(/^history +\S+ +published/m);
    await pause(1_500);
    expect((await archweave(['explain', `${app}:1.0`])).rc).toBe(0);
  });

  it('is not put back by apply of everything without --restore', async () => {
    const digest = await using('crane', ['digest', `${app}:1.0`]);
    await using('crane', ['delete', `${app}@${digest}`]);
    await settle(`${app}:1.0`, 4);
    expect(await archweave(['apply', '--yes', app])).toMatchObject({ rc: 0, out: '' });
    const { rc, out } = await archweave(['apply', '--yes', '--restore', app]);
    expect({ rc, out }).toEqual({ rc: 0, out: `${app}:1.0@${digest}\n` });
  });
});
