import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AcrFake, startAcrFake } from '../support/acr-fake.ts';
import { openAcr, trustUntil } from '../support/acr-fake-client.ts';
import { refusal } from '../support/acr-fake-world.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { archweave, temporaryFolder } from '../support/e2e-run.ts';
import { pushContent } from '../support/push-content.ts';
import { type StsFake, startStsFake, stsFakeEnv } from '../support/sts-fake.ts';

const HOST = 'contoso.azurecr.io';
const hello = `${HOST}/hello-world`;

/** The program as a person runs it, by Azure's real names: a proxy leads those to the fake. */
describe('the command line on ACR', () => {
  const folder = temporaryFolder('acr-cli');
  let fake: AcrFake;
  let distrust: () => void;
  beforeAll(async () => {
    fake = await startAcrFake();
    distrust = trustUntil(fake.ca);
    const registry = openAcr(fake);
    for (const [tag, platform] of [
      ['1.0-amd64', { os: 'linux', architecture: 'amd64' }],
      ['1.0-arm64', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
      ['1.1-amd64', { os: 'linux', architecture: 'amd64' }],
    ] as const)
      await pushContent(registry, 'hello-world', tag, sampleImage(platform));
  });
  afterAll(async () => {
    distrust?.();
    await fake?.stop();
    folder.remove();
  });
  const run = (args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) => {
    fake.world.calls.length = 0;
    return archweave(args, { cwd: folder.path, env: { ...fake.env, HOME: folder.path, ...env } });
  };
  const asked = () => fake.world.calls.map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
  const members = [':1.0-amd64', ':1.0-arm64'];

  it('joins two members in ACR, logged in by Entra once', async () => {
    const { rc, out, err } = await run(['-v', 'create', `${hello}:1.0`, ...members]);
    expect({ rc, out }).toEqual({ rc: 0, out: expect.stringMatching(`^${hello}@sha256:[0-9a-f]{64}\n$`) });
    expect(asked()).toEqual([
      `POST /${fake.world.tenant}/oauth2/v2.0/token`,
      'POST /oauth2/exchange',
      'POST /oauth2/token',
      ...[expect.anything(), expect.anything(), expect.anything()],
      expect.stringMatching('^GET /v2/hello-world/blobs/'),
      expect.stringMatching('^GET /v2/hello-world/blobs/'),
      'POST /oauth2/token',
      'PUT /v2/hello-world/manifests/1.0',
    ]);
    expect(err).toMatch(/^PUT 201 \d+ ms contoso\.azurecr\.io\/v2\/hello-world\/manifests\/1\.0$/m);
    expect(err).not.toMatch(/Bearer|eyJ|s3cret/);
    expect((await run(['create', `${hello}:1.0`, ...members])).out).toBe(out);
    expect(asked().filter(line => line.startsWith('PUT'))).toEqual([]);
    expect(fake.world.strangers).toEqual([]);
  });

  it('says which member is not there before anything is written', async () => {
    const { rc, out, err } = await run(['create', `${hello}:1.1`, ':1.1-amd64', ':1.1-arm64']);
    expect({ rc, out }).toEqual({ rc: 3, out: '' });
    expect(err).toContain(`${hello}:1.1-arm64 is not there (1 of 2)`);
  });

  it('shows one image', async () => {
    const { rc, out } = await run(['inspect', '--json', `${hello}:1.0`]);
    expect(rc).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      kind: 'index',
      platforms: [{ platform: { architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }],
    });
  });

  it('lists a repository', async () => {
    const { rc, out } = await run(['list', hello]);
    expect(rc).toBe(0);
    expect(out).toMatch(/^1\.0 +index +linux\/amd64 linux\/arm64\/v8 .* (just now|ago) /m);
    expect(out).toMatch(/^1\.1-amd64 +image .* waiting$/m);
    expect(await run(['list', `${HOST}/nowhere`])).toMatchObject({
      rc: 1,
      err: expect.stringContaining('[no-repository]'),
    });
  });

  it('explains a target and plans, by the rules of archweave.yaml too', async () => {
    const { rc, out } = await run(['explain', `${hello}:1.1`]);
    expect({ rc, out }).toEqual({ rc: 3, out: expect.stringMatching(/linux\/arm64 +missing/) });
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `registries:\n  contoso: ${HOST}\nindexes:\n  - name: hello\n    repositories: [contoso/hello-world]\n    platforms: [linux/amd64, linux/arm64]\n`,
    );
    const named = await run(['explain', 'contoso/hello-world:1.0']);
    expect(named).toMatchObject({ rc: 0, out: expect.stringContaining('is there and right') });
    const planned = await run(['plan', 'contoso/hello-world']);
    expect(planned).toMatchObject({
      rc: 0,
      out: expect.stringMatching(/^No changes\. 1 index is as its members say\. 1 waiting, 0 held\.$/m),
    });
    rmSync(join(folder.path, 'archweave.yaml'));
  });

  it('holds what is locked, and touches nothing', async () => {
    const old = sampleImage({ os: 'linux', architecture: 'amd64' }, { text: 'old' });
    await pushContent(openAcr(fake), 'hello-world', 'kept', old);
    fake.world.locked.add('hello-world:kept');
    const { rc, err } = await run(['create', `${hello}:kept`, ...members]);
    expect(rc).toBe(4);
    expect(err).toContain(`cannot write ${hello}:kept: the tag is locked against changes  [locked]`);
    expect(err).toContain('az acr repository show --name contoso --image hello-world:kept');
    expect(err.trimEnd().endsWith(`${hello}:kept was not touched.`)).toBe(true);
  });

  it('names the role that is missing', async () => {
    fake.world.denied.set('push', 403);
    const { rc, err } = await run(['create', `${hello}:no`, ...members]);
    fake.world.denied.clear();
    expect(rc).toBe(1);
    expect(err).toContain('the identity may not write here  [forbidden]');
    expect(err).toContain('"Container Registry Repository Writer"');
  });

  it('has a registry of the same tenant fetch an image by itself, and streams it where it may not', async () => {
    const resource = (name: string) =>
      `/subscriptions/${fake.world.tenant}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/${name}`;
    const entry = (name: string) => `  ${name}: { host: ${name}.azurecr.io, resource: ${resource(name)} }\n`;
    const file = join(folder.path, 'archweave.yaml');
    const job = 'imports: [{ from: contoso/team/*, to: "fabrikam/{repository}", when: manual }]\n';
    writeFileSync(file, `registries:\n${entry('contoso')}${entry('fabrikam')}${job}`);
    const to = 'fabrikam.azurecr.io/mirror/hello-world';
    const fetched = await run(['-v', 'import', `${hello}:1.0`, `${to}:1.0`]);
    expect(fetched).toMatchObject({ rc: 0, out: expect.stringMatching(`^${to}@sha256:[0-9a-f]{64}\n$`) });
    expect(fetched.err).toMatch(
      /^copied 1 index, 2 platforms: fabrikam\.azurecr\.io fetched \S+ \S?B itself, .*verified$/m,
    );
    expect(fetched.err).toMatch(/^POST 202 \d+ ms management\.azure\.com\/subscriptions\/.*\/importImage$/m);
    expect(fetched.err).not.toMatch(/Bearer|eyJ|s3cret/);
    expect(asked().filter(line => /^P.*uploads/.test(line))).toEqual([]);
    expect(fake.world.jobs.map(({ registry, body }) => [registry, body.targetTags])).toEqual([
      ['fabrikam', undefined],
    ]);
    const denied = { error: { code: 'AuthorizationFailed', message: 'no' } };
    fake.world.failNext(/importImage/, { status: 403, body: denied });
    const streamed = await run(['import', '--json', `${hello}:1.0`, 'fabrikam.azurecr.io/second:1.0']);
    expect(streamed.rc).toBe(0);
    expect(streamed.err).toContain(
      'fabrikam.azurecr.io did not fetch it itself: the identity may not import',
    );
    const [image] = JSON.parse(streamed.out).images;
    expect(image).toMatchObject({ bytes: { skipped: 0 }, streamed: { code: 'refused' } });
    expect(fake.world.strangers).toEqual([]);
    rmSync(file);
  });

  it('waits as long as ACR asks for', async () => {
    fake.world.failNext(/manifests\/1\.0$/, { status: 429, headers: { 'retry-after': '1' } });
    fake.world.failNext(/blobs/, refusal(503, 'UNAVAILABLE', 'busy'));
    expect((await run(['inspect', `${hello}:1.0`])).rc).toBe(0);
  });

  it('says how to log in where nobody is', async () => {
    const { rc, err } = await run(['inspect', `${hello}:1.0`], {
      AZURE_CLIENT_SECRET: undefined,
      AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
    });
    expect({ rc, err }).toEqual({
      rc: 1,
      err: expect.stringMatching(/does not let you in {2}\[unauthorized\]/),
    });
    expect(err).toMatch(/^ {2}tried {3}the Azure SDK's chain found nobody; .*anonymous refused$/m);
    expect(err).toMatch(/^ {2}next {4}az login$/m);
  });

  it('tells what Entra says of a wrong secret, without its ids', async () => {
    const { rc, err } = await run(['inspect', `${hello}:1.0`], { AZURE_CLIENT_SECRET: 'wrong' });
    expect({ rc, err }).toEqual({ rc: 1, err: expect.stringContaining('AADSTS7000215') });
    expect(err).not.toMatch(/Trace ID|wrong'/);
  });

  it('takes a login of docker for what it is, by the docker protocol', async () => {
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `registries:\n  contoso: {host: ${HOST}, credentials: env:LOGIN}\nindexes:\n  - name: hello\n    repositories: [contoso/hello-world]\n    platforms: [linux/amd64, linux/arm64]\n`,
    );
    const env = { LOGIN: 'ci:token-of-a-repository', AZURE_CLIENT_SECRET: undefined };
    const { rc, out } = await run(['inspect', `${hello}:1.0`], env);
    expect({ rc, out }).toMatchObject({ rc: 0, out: expect.stringContaining('2 platforms') });
    expect(asked().some(line => line.includes('/oauth2/exchange'))).toBe(false);
    rmSync(join(folder.path, 'archweave.yaml'));
  });
});

/** In AWS the same program is the role that it runs as. */
describe('the command line on ACR, with a role of AWS', () => {
  const folder = temporaryFolder('acr-aws');
  let fake: AcrFake;
  let sts: StsFake;
  let distrust: () => void;
  beforeAll(async () => {
    fake = await startAcrFake();
    sts = await startStsFake();
    distrust = trustUntil(fake.ca);
    const image = sampleImage({ os: 'linux', architecture: 'amd64' });
    await pushContent(openAcr(fake), 'app', '1.0-amd64', image);
    const { tenant, clientId } = fake.world;
    writeFileSync(
      join(folder.path, 'archweave.yaml'),
      `registries:\n  contoso: {host: ${HOST}, tenant: ${tenant}, clientId: ${clientId}}\nindexes:\n  - name: hello\n    repositories: [contoso/app]\n    platforms: [linux/amd64, linux/arm64]\n`,
    );
  });
  afterAll(async () => {
    distrust?.();
    await sts?.stop();
    await fake?.stop();
    folder.remove();
  });
  const run = () => {
    const { AZURE_CLIENT_SECRET: _, AZURE_CLIENT_ID: __, AZURE_TENANT_ID: ___, ...proxied } = fake.env;
    const aws = { ...stsFakeEnv(sts), AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials' };
    return archweave(['inspect', `${HOST}/app:1.0-amd64`], { cwd: folder.path, env: { ...proxied, ...aws } });
  };

  it('reads by a proof of AWS and no secret', async () => {
    fake.world.federated.push({ issuer: sts.issuer, subject: sts.subject });
    expect(await run()).toMatchObject({ rc: 0, out: expect.stringContaining('linux/amd64') });
  });

  it('says which subject Azure has to know', async () => {
    sts.subject = 'arn:aws:iam::123456789012:role/other';
    const { rc, err } = await run();
    expect({ rc, err }).toEqual({
      rc: 1,
      err: expect.stringContaining('has the subject arn:aws:iam::123456789012:role/other'),
    });
  });
});
