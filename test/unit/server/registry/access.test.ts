import { afterEach, describe, expect, it } from '@jest/globals';
import type { RegistryAccess } from '../../../../lib/server/registry/access.ts';
import { registryRoutes } from '../../../../lib/server/registry/routes.ts';
import { newStorage, type StorageFixture } from './embedded-fixture.ts';

const users: RegistryAccess['users'] = async (name, password) => name === 'ann' && password === 'pass:wörd';

describe('access to the registry', () => {
  let fixture: StorageFixture | undefined;
  afterEach(() => fixture?.stop());

  const statusOf = async (
    access: RegistryAccess | undefined,
    method: string,
    path: string,
    login?: string,
  ) => {
    await fixture?.stop();
    fixture = await newStorage();
    const app = registryRoutes(fixture.storage, access && { access });
    const headers = { ...(login && { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }) };
    return (await app.request(path, { method, headers })).status;
  };

  it.each([
    [undefined, 'POST', '/v2/a/blobs/uploads/', undefined, 202],
    [{ anonymous: 'all' }, 'POST', '/v2/a/blobs/uploads/', undefined, 202],
    [{ anonymous: 'pull' }, 'POST', '/v2/a/blobs/uploads/', undefined, 401],
    [{ anonymous: 'pull' }, 'GET', '/v2/_catalog', undefined, 200],
    [{ anonymous: 'pull' }, 'GET', '/v2/', undefined, 200],
    [{ anonymous: 'none' }, 'GET', '/v2/', undefined, 401],
    [{ anonymous: 'none', users }, 'GET', '/v2/_catalog', undefined, 401],
    [{ anonymous: 'none', users }, 'GET', '/v2/_catalog', 'ann:pass:wörd', 200],
    [{ anonymous: 'none', users }, 'POST', '/v2/a/blobs/uploads/', 'ann:pass:wörd', 202],
    [{ anonymous: 'none', users }, 'GET', '/v2/_catalog', 'ann:wrong', 401],
    [{ anonymous: 'pull', users }, 'GET', '/v2/_catalog', 'ann:wrong', 401],
    [{ anonymous: 'all', users }, 'GET', '/v2/_catalog', 'ann:wrong', 401],
    [{ anonymous: 'none', users }, 'GET', '/v2/_catalog', 'ann', 401],
    [{ anonymous: 'pull', users }, 'HEAD', '/v2/a/manifests/1', undefined, 404],
    [{ anonymous: 'pull', users }, 'DELETE', '/v2/a/manifests/1', undefined, 401],
    [{ anonymous: 'none', users }, 'GET', '/v2/no/such/endpoint', undefined, 401],
  ] as const)('%j answers %s %s as %s with %i', async (access, method, path, login, status) => {
    expect(await statusOf(access, method, path, login)).toBe(status);
  });

  it('asks at the ping where somebody may push, so that clients send what they have', async () => {
    expect(await statusOf({ anonymous: 'pull', users }, 'GET', '/v2/')).toBe(401);
    expect(await statusOf({ anonymous: 'pull', users }, 'GET', '/v2/', 'ann:pass:wörd')).toBe(200);
  });

  it('refuses another scheme than Basic', async () => {
    fixture = await newStorage();
    const app = registryRoutes(fixture.storage, { access: { anonymous: 'pull', users } });
    const response = await app.request('/v2/_catalog', { headers: { Authorization: 'Bearer abc' } });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Basic realm="archweave", charset="UTF-8"');
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
    expect(await response.json()).toEqual({
      errors: [{ code: 'UNAUTHORIZED', message: expect.any(String) }],
    });
  });
});
