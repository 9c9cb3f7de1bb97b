import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleImage } from '../support/e2e-images.ts';
import { archweave, temporaryFolder } from '../support/e2e-run.ts';
import { type EcrFake, ecrFakeEnv, startEcrFake } from '../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../support/ecr-fake-push.ts';
import { EcrFault } from '../support/ecr-fake-world.ts';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const golang = `${HOST}/golang`;

/** The program as a person runs it, with the fake in ECR's place. */
describe('the command line on ECR', () => {
  const folder = temporaryFolder('ecr-cli');
  let fake: EcrFake;
  beforeAll(async () => {
    fake = await startEcrFake();
    const ecr = ecrClient(fake);
    for (const [tag, platform] of [
      ['1.19.2-alpine-amd64', { os: 'linux', architecture: 'amd64' }],
      ['1.19.2-alpine-arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
      ['1.20-amd64', { os: 'linux', architecture: 'amd64' }],
    ] as const)
      await pushToEcr(ecr, 'golang', tag, sampleImage(platform, { docker: true }));
    ecr.destroy();
  });
  afterAll(async () => {
    await fake?.stop();
    folder.remove();
  });
  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) => {
    fake.calls.length = 0;
    return archweave(args, { cwd: folder.path, env: { ...ecrFakeEnv(fake), ...env } });
  };
  const asked = () => fake.calls.map(({ operation }) => operation);

  it('joins two members, without a docker token', async () => {
    const target = `${golang}:1.19.2-alpine`;
    const { rc, out, err } = await run([
      '-v',
      'create',
      target,
      ':1.19.2-alpine-amd64',
      ':1.19.2-alpine-arm64',
    ]);
    expect({ rc, out }).toEqual({ rc: 0, out: expect.stringMatching(`^${golang}@sha256:[0-9a-f]{64}\n$`) });
    expect(asked()).toEqual([
      'BatchGetImage',
      'GetDownloadUrlForLayer',
      'GetDownloadUrlForLayer',
      'PutImage',
    ]);
    expect(err).toMatch(/^POST 200 \d+ ms 127\.0\.0\.1\/PutImage$/m);
    expect(err).not.toMatch(/X-Amz|Signature/);
    expect((await run(['create', target, ':1.19.2-alpine-amd64', ':1.19.2-alpine-arm64'])).out).toBe(out);
    expect(asked()).not.toContain('PutImage');
  });

  it('notes no import as cut off that failed before anything was moved', async () => {
    const ecr = ecrClient(fake);
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'copies' }));
    ecr.destroy();
    const env = { XDG_STATE_HOME: join(folder.path, 'state') };
    const args = ['import', `${golang}:1.20-amd64`, `${HOST}/copies:1.20`];
    fake.failNext('InitiateLayerUpload', new EcrFault('AccessDeniedException', 'no'), 9);
    expect((await run(args, env)).rc).toBe(1);
    fake.failNoMore();
    expect(readdirSync(join(env.XDG_STATE_HOME, 'archweave', 'uploads'))).toEqual([]);
  });

  it('writes latest where no tag is given', async () => {
    const { rc, err } = await run(['create', golang, ':1.19.2-alpine-amd64', ':1.19.2-alpine-arm64']);
    expect({ rc, err }).toMatchObject({ rc: 0, err: expect.stringContaining('latest') });
    expect(fake.storage.manifests.resolve('golang', 'latest')).toBeDefined();
  });

  it('says which member is not there before anything is written', async () => {
    const { rc, out, err } = await run(['create', `${golang}:1.20`, ':1.20-amd64', ':1.20-arm64']);
    expect({ rc, out }).toEqual({ rc: 3, out: '' });
    expect(err).toContain(`${golang}:1.20-arm64 is not there (1 of 2)`);
    expect(asked()).toEqual(['BatchGetImage']);
  });

  it('shows one image', async () => {
    const { rc, out } = await run(['inspect', '--json', `${golang}:1.19.2-alpine`]);
    expect(rc).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'index',
      mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
      platforms: [
        { platform: { architecture: 'amd64' } },
        { platform: { architecture: 'arm64', variant: 'v8' } },
      ],
    });
  });

  it('lists a repository', async () => {
    const { rc, out } = await run(['list', golang]);
    expect(rc).toBe(0);
    expect(out).toMatch(/^1\.19\.2-alpine +index +linux\/amd64 linux\/arm64\/v8 .* (just now|ago) /m);
    expect(out).toMatch(/^1\.20-amd64 +image .* waiting$/m);
    const missing = await run(['list', `${HOST}/nowhere`]);
    expect(missing).toMatchObject({ rc: 1, err: expect.stringContaining('[no-repository]') });
  });

  it('explains a target, by the rules of archweave.yaml too', async () => {
    const { rc, out } = await run(['explain', `${golang}:1.20`]);
    expect({ rc, out }).toEqual({ rc: 3, out: expect.stringMatching(/linux\/arm64 +missing/) });
    const rules =
      'indexes:\n  - name: go\n    repositories: [prod/golang]\n    platforms: [linux/amd64, linux/arm64]\n';
    writeFileSync(join(folder.path, 'archweave.yaml'), `registries:\n  prod: ${HOST}\n${rules}`);
    const named = await run(['explain', 'prod/golang:1.19.2-alpine']);
    expect(named).toMatchObject({ rc: 0, out: expect.stringContaining('is there and right') });
    writeFileSync(join(folder.path, 'archweave.yaml'), `registries:\n  prod: ecr\n${rules}`);
    const own = await run(['explain', 'prod/golang:1.19.2-alpine']);
    expect(own).toMatchObject({ rc: 0, out: expect.stringContaining('is there and right') });
    expect(fake.calls[0]!.input).not.toHaveProperty('registryId');
    rmSync(join(folder.path, 'archweave.yaml'));
  });

  it('names the IAM action that is missing, and what was not touched', async () => {
    const { name, message } = new EcrFault(
      'AccessDeniedException',
      'User: arn:aws:iam::123456789012:user/ci is not authorized to perform: ecr:PutImage on resource: x',
    );
    fake.failNext('PutImage', new EcrFault(name, message));
    const denied = await run(['create', `${golang}:no`, ':1.19.2-alpine-amd64', ':1.19.2-alpine-arm64']);
    expect(denied).toMatchObject({ rc: 1, out: '' });
    expect(denied.err).toContain('the IAM action ecr:PutImage is not allowed  [forbidden]');
    expect(denied.err.trimEnd().endsWith(`${golang}:no was not touched.`)).toBe(true);
  });

  it('says what it looked for where there are no credentials', async () => {
    const none = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SHARED_CREDENTIALS_FILE: join(folder.path, 'none'),
      AWS_CONFIG_FILE: join(folder.path, 'none'),
    };
    const { rc, err } = await run(['inspect', `${golang}:1.20-amd64`], none);
    expect({ rc, err }).toEqual({
      rc: 1,
      err: expect.stringMatching(/no AWS credentials.*\[unauthorized\]/),
    });
    expect(err).toMatch(/^ {2}tried {3}the AWS SDK's chain/m);
  });
});
