import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleImage } from '../support/e2e-images.ts';
import { archweave, temporaryFolder } from '../support/e2e-run.ts';
import { type EcrFake, ecrFakeEnv, startEcrFake } from '../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../support/ecr-fake-push.ts';
import { EcrFault } from '../support/ecr-fake-world.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
/** Groups of two members in one repository, so that reading them one by one would be seen. */
const GROUPS = 60;

describe('plan and apply on ECR', () => {
  const folder = temporaryFolder('ecr-plan');
  let fake: EcrFake;
  beforeAll(async () => {
    fake = await startEcrFake();
    const ecr = ecrClient(fake);
    const images = ['amd64', 'arm64'].map(architecture => sampleImage({ os: 'linux', architecture }));
    for (let version = 0; version < GROUPS; version += 1)
      for (const [at, architecture] of ['amd64', 'arm64'].entries())
        await pushToEcr(ecr, 'team/app', `${version}-${architecture}`, images[at]!);
    await pushToEcr(ecr, 'team/web', '1.0-amd64', images[0]!);
    ecr.destroy();
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `registries:\n  prod: ${HOST}\nindexes:\n  - repositories: [prod/team/*]\n    platforms: [linux/amd64, linux/arm64]\n`,
    );
  }, 60_000);
  afterAll(async () => {
    await fake?.stop();
    folder.remove();
  });
  const run = (...args: string[]) => {
    fake.calls.length = 0;
    return archweave(args, { cwd: folder.path, env: ecrFakeEnv(fake) });
  };
  const count = (operation: string) => fake.calls.filter(call => call.operation === operation).length;

  it('plan lists a repository once and reads many manifests a call', async () => {
    const { rc, out } = await run('plan');
    expect(rc).toBe(0);
    expect(out).toContain(`Plan: ${GROUPS} new, 0 to change, 0 unchanged, 1 waiting, 0 held.`);
    expect({ lists: count('DescribeImages'), writes: count('PutImage') }).toEqual({ lists: 2, writes: 0 });
    expect(count('BatchGetImage')).toBeLessThanOrEqual(Math.ceil((2 * GROUPS) / 80) + 1);
    expect(count('GetDownloadUrlForLayer')).toBeLessThanOrEqual(4);
    expect(count('DescribeRepositories')).toBeLessThanOrEqual(4);
  });

  it('apply writes each index with one PutImage, and a second one nothing', async () => {
    const { rc, out } = await run('apply', '--yes');
    expect({ rc, lines: out.trimEnd().split('\n').length }).toEqual({ rc: 0, lines: GROUPS });
    expect(count('PutImage')).toBe(GROUPS);
    expect(await run('apply', '--yes')).toMatchObject({ rc: 0, out: '' });
    expect(count('PutImage')).toBe(0);
    expect((await run('plan')).out).toContain(`No changes. ${GROUPS} indexes are as their members say.`);
  }, 120_000);

  it('tells what may not be read, and plans the rest', async () => {
    fake.failNext(
      'DescribeImages',
      new EcrFault(
        'AccessDeniedException',
        'User: x is not authorized to perform: ecr:DescribeImages on resource: y',
      ),
    );
    const { rc, out, err } = await run('plan');
    expect(rc).toBe(1);
    expect(err).toContain('[forbidden]');
    expect(out).toMatch(/^Plan: .*, 1 failed\. Nothing was written\.$/m);
  });
});
