import { describe, expect, it } from '@jest/globals';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, fetchAsIf, imageOf, openScripted, read, served } from './scripted-registry.ts';

const AT = '/v2/app/manifests/1.0';
const image = imageOf('right');
const servers = scriptedServers();

describe('a redirect', () => {
  const login = { LOGIN: 'somebody:s3cret' };
  const basic = { status: 401, headers: { 'www-authenticate': 'Basic realm="here"' } };

  it('is followed to another origin without the credentials', async () => {
    const elsewhere = (await servers()).on('GET /store/blob?signature=x', served(image));
    const location = `http://${elsewhere.host}/store/blob?signature=x`;
    const server = (await servers()).on(`GET ${AT}`, basic, { status: 307, headers: { location } });
    const { registry, lines } = openScripted(server, { credentials: 'env:LOGIN', env: login });
    expect(await read(registry)).toMatchObject({ kind: 'found' });
    expect(server.seen[1]!.headers.authorization).toMatch(/^Basic /);
    expect(elsewhere.seen[0]!.headers.authorization).toBeUndefined();
    expect(lines.map(({ url, status }) => [url, status])).toEqual([
      [`http://${server.host}${AT}`, 401],
      [`http://${server.host}${AT}`, 307],
      [`http://${elsewhere.host}/store/blob`, 200],
    ]);
  });

  it('does not make another origin know who asks, whatever it answers', async () => {
    const elsewhere = (await servers()).on('GET /x', basic);
    const server = (await servers()).on(`GET ${AT}`, basic, {
      status: 302,
      headers: { location: `http://${elsewhere.host}/x` },
    });
    const { registry } = openScripted(server, { credentials: 'env:LOGIN', env: login });
    expect((await failureOf(read(registry))).code).toBe('unauthorized');
    expect(elsewhere.seen).toHaveLength(1);
  });

  it('keeps the credentials at the same origin', async () => {
    const server = (await servers())
      .on(`GET ${AT}`, basic, { status: 301, headers: { location: '/v2/app/manifests/moved' } })
      .on('GET /v2/app/manifests/moved', served(image));
    await read(openScripted(server, { credentials: 'env:LOGIN', env: login }).registry);
    expect(server.seen[2]!.headers.authorization).toMatch(/^Basic /);
  });

  it('does not bring credentials back after it left the origin', async () => {
    const elsewhere = await servers();
    const server = (await servers())
      .on(`GET ${AT}`, basic, { status: 302, headers: { location: `http://${elsewhere.host}/x` } })
      .on('GET /back', served(image));
    elsewhere.on('GET /x', { status: 302, headers: { location: `http://${server.host}/back` } });
    await read(openScripted(server, { credentials: 'env:LOGIN', env: login }).registry);
    expect(server.seen[2]!.headers.authorization).toBeUndefined();
  });

  it('is not followed for ever', async () => {
    const server = (await servers()).always(`GET ${AT}`, { status: 302, headers: { location: AT } });
    const failure = await failureOf(read(openScripted(server).registry));
    expect(failure.reason).toContain('more than 5 redirects');
    expect(server.seen).toHaveLength(6);
  });

  it.each([
    ['https://127.0.0.1:1/', 'the machine that archweave runs on'],
    ['https://localhost/', 'the machine that archweave runs on'],
    ['http://registry.example/v2/', 'from https to plain http'],
    ['https://user:pass@registry.example/', 'no address'],
    ['file:///etc/passwd', 'no address'],
    ['http://', 'no address'],
  ])('of a far registry to %s is not followed', async (location, why) => {
    const server = (await servers()).on(`GET ${AT}`, { status: 302, headers: { location } });
    const { registry } = openScripted(
      { host: 'registry.example' },
      { fetch: fetchAsIf({ 'registry.example': server }) },
    );
    const failure = await failureOf(read(registry));
    expect(failure.code).toBe('not-a-registry');
    expect(failure.reason).toContain(why);
  });

  it('of a write is followed only where the write must be sent again', async () => {
    const server = (await servers())
      .on(
        `PUT ${AT}`,
        { status: 307, headers: { location: '/v2/app/manifests/there' } },
        { status: 302, headers: { location: '/x' } },
      )
      .on('PUT /v2/app/manifests/there', { status: 201 });
    const { registry } = openScripted(server);
    await registry.writeManifest('app', '1.0', image);
    expect(server.seen[1]!.body).toEqual(Buffer.from(image.bytes));
    expect((await failureOf(registry.writeManifest('app', '1.0', image))).status).toBe(302);
  });
});
