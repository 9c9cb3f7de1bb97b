import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { askCredentialHelper } from '../../../../lib/registry/oci/credential-helper.ts';
import { type Environment, loginSource } from '../../../../lib/registry/oci/login.ts';

const HOST = 'registry.example:5000';
const HUB = 'https://index.docker.io/v1/';
const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'archweave-login-'));
});
afterEach(() => rm(home, { recursive: true }));

async function write(path: string, content: unknown): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Puts a program on the PATH of the tests that answers as a helper would. */
async function helper(name: string, script: string): Promise<void> {
  await write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(join(home, 'bin', `docker-credential-${name}`), 0o755);
}

function environment(more: Environment = {}): Environment {
  return { HOME: home, PATH: `${join(home, 'bin')}:${process.env.PATH}`, ...more };
}

const search = (host = HOST, more: Environment = {}, pointer?: string) =>
  loginSource(pointer, environment(more))(host);

describe('the login for a registry', () => {
  it('is what archweave.yaml points to, before anything else', async () => {
    await write('.docker/config.json', { auths: { [HOST]: auth('file:secret') } });
    const found = await search(HOST, { LAN_LOGIN: 'lan:with:colons' }, 'env:LAN_LOGIN');
    expect(found).toEqual({
      login: { username: 'lan', password: 'with:colons' },
      tried: ['credentials of env:LAN_LOGIN'],
    });
  });

  it.each([
    ['env:NOT_SET', {}, 'env:NOT_SET is not set'],
    ['env:ODD', { ODD: 'no-colon' }, 'env:ODD is not of the form USER:PASSWORD'],
    ['secretsmanager:arn', {}, 'credentials in archweave.yaml are of a kind not known here'],
  ])('is looked for elsewhere where %s gives none', async (pointer, env, note) => {
    const { login, tried } = await search(HOST, env, pointer);
    expect(login).toBeUndefined();
    expect(tried).toEqual([note, '~/.docker/config.json is not there']);
  });

  it.each([
    ['auth', auth('me:pass:word'), { username: 'me', password: 'pass:word' }],
    ['user and password', { username: 'me', password: 'secret' }, { username: 'me', password: 'secret' }],
    ['a refresh token', { ...auth('x:y'), identitytoken: 'refresh' }, { identityToken: 'refresh' }],
    ['a token of the registry', { registrytoken: 'bearer' }, { registryToken: 'bearer' }],
  ])("is in docker's file as %s", async (_, entry, login) => {
    await write('.docker/config.json', { auths: { 'other.example': auth('no:no'), [HOST]: entry } });
    expect(await search()).toEqual({ login, tried: ['credentials of ~/.docker/config.json'] });
  });

  it.each([[HOST], [`https://${HOST}`], [`http://${HOST}/`], [`https://${HOST}/v2/`], [`${HOST}/v1/`]])(
    'stands under the key %s',
    async key => {
      await write('.docker/config.json', { auths: { [key]: auth('me:secret') } });
      expect((await search()).login).toEqual({ username: 'me', password: 'secret' });
    },
  );

  it.each([['registry.example'], [`${HOST}/team`], [`x.${HOST}`], ['registry.example:50001']])(
    'is not that of the key %s',
    async key => {
      await write('.docker/config.json', { auths: { [key]: auth('me:secret') } });
      expect(await search()).toEqual({
        tried: ['no credentials in archweave.yaml', `~/.docker/config.json has none for ${HOST}`],
      });
    },
  );

  it('of Docker Hub stands under the name that docker gives it', async () => {
    await write('.docker/config.json', { auths: { [HUB]: auth('me:secret') } });
    expect((await search('docker.io')).login).toEqual({ username: 'me', password: 'secret' });
  });

  it('is found in the first of the files that has it', async () => {
    await write('docker/config.json', { auths: {} });
    await write('auth.json', { auths: { 'other.example': auth('a:b') } });
    await write('run/containers/auth.json', { auths: { [HOST]: auth('me:podman') } });
    const more = {
      DOCKER_CONFIG: join(home, 'docker'),
      REGISTRY_AUTH_FILE: join(home, 'auth.json'),
      XDG_RUNTIME_DIR: join(home, 'run'),
    };
    expect(await search(HOST, more)).toEqual({
      login: { username: 'me', password: 'podman' },
      tried: ['credentials of ~/run/containers/auth.json'],
    });
    expect((await search('third.example', more)).tried).toEqual([
      'no credentials in archweave.yaml',
      '~/docker/config.json has none for third.example',
      '~/auth.json has none for third.example',
      '~/run/containers/auth.json has none for third.example',
    ]);
  });

  it.each([
    ['{"auths":', 'is no JSON'],
    ['7', 'is no JSON object'],
    [{ auths: { [HOST]: { auth: 'bm8tY29sb24=' } } }, `has none for ${HOST}`],
    [{ auths: { [HOST]: 'text' } }, `has none for ${HOST}`],
  ])('is not there where the file holds %j', async (content, note) => {
    await write('.docker/config.json', content);
    expect((await search()).tried).toContain(`~/.docker/config.json ${note}`);
  });
});

describe('a credential helper', () => {
  it('is asked for its host before the store and the file are', async () => {
    await helper('own', `read host; echo "{\\"Username\\":\\"$host\\",\\"Secret\\":\\"own\\"}"`);
    await write('.docker/config.json', {
      credHelpers: { [HOST]: 'own' },
      credsStore: 'store',
      auths: { [HOST]: auth('me:file') },
    });
    expect((await search()).login).toEqual({ username: HOST, password: 'own' });
  });

  it('gives a refresh token under the name <token>', async () => {
    await helper('store', `echo '{"Username":"<token>","Secret":"refresh"}'`);
    await write('.docker/config.json', { credsStore: 'store' });
    expect((await search()).login).toEqual({ identityToken: 'refresh' });
  });

  it('is asked for Docker Hub by the name that docker gives it', async () => {
    await helper('store', `read host; echo "{\\"Username\\":\\"$host\\",\\"Secret\\":\\"x\\"}"`);
    await write('.docker/config.json', { credsStore: 'store' });
    expect((await search('docker.io')).login).toEqual({ username: HUB, password: 'x' });
  });

  it('that has none leaves the file to be looked in', async () => {
    await helper('store', 'echo "credentials not found in native keychain"; exit 1');
    await write('.docker/config.json', { credsStore: 'store', auths: { [HOST]: auth('me:file') } });
    expect((await search()).login).toEqual({ username: 'me', password: 'file' });
    await write('.docker/config.json', { credsStore: 'store' });
    expect((await search()).tried).toContain('docker-credential-store has none');
  });

  it.each([
    ['missing', '', 'is not installed'],
    ['failing', 'echo s3cret; exit 3', 'failed (exit 3)'],
    ['odd', 'echo hello', 'answers with no JSON'],
    ['empty', 'echo "{}"', 'has none'],
    ['../evil', '', 'is no name of a helper'],
  ])('called %s says how it went', async (name, script, outcome) => {
    if (script) await helper(name, script);
    expect(await askCredentialHelper(name, HOST, environment())).toBe(outcome);
  });

  it('is ended where it takes too long', async () => {
    await helper('slow', 'exec sleep 60');
    const began = performance.now();
    expect(await askCredentialHelper('slow', HOST, environment(), undefined, 100)).toContain('100 ms');
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
