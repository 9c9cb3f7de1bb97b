import { existsSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServeOptions } from '../../../lib/server/serve.ts';
import { servingRoom } from '../../support/serving.ts';

describe('the doors of serve', () => {
  let room: ReturnType<typeof servingRoom>;
  beforeEach(() => {
    room = servingRoom();
  });
  afterEach(() => room.end());
  const start = (more?: Partial<ServeOptions>) => room.start(more);

  it('answers for its health, says what it is, and refuses the rest', async () => {
    const { serving } = await start();
    const ask = async (path: string, init?: RequestInit) =>
      (await fetch(`${serving.url}${path}`, init)).status;
    const health = await fetch(`${serving.url}healthz`);
    expect([health.status, await health.text(), health.headers.get('server')]).toEqual([
      200,
      'ok\n',
      expect.stringMatching(/^archweave\/\d/),
    ]);
    expect(await ask('', { method: 'POST' })).toBe(405);
    expect(await ask('healthz', { method: 'POST' })).toBe(405);
    expect(await ask('hooks/x', { method: 'POST' })).toBe(401);
    expect(await ask('v2/')).toBe(200);
    expect(await ask('v2x')).toBe(404);
    expect(await ask('etc/passwd')).toBe(404);
  });

  it('answers to the names of this machine only', async () => {
    const { serving } = await start();
    const [, port] = serving.host.split(':');
    const as = (host: string, path: string) =>
      new Promise<number>((resolve, reject) => {
        const asked = request({ host: '127.0.0.1', port, path, headers: { host } }, answer => {
          answer.resume();
          resolve(answer.statusCode!);
        });
        asked.on('error', reject).end();
      });
    for (const path of ['/', '/v2/', '/healthz', '/hooks/x'])
      expect(await as('evil.example', path)).toBe(421);
    expect(await as(`evil.example:${port}`, '/v2/')).toBe(421);
    expect(await as('127.0.0.1.evil.example', '/v2/')).toBe(421);
    for (const host of [serving.host, `localhost:${port}`, `[::1]:${port}`])
      expect(await as(host, '/v2/')).toBe(200);
  });

  it('lets nobody in who has no name, where there are names', async () => {
    const users = (name: string, password: string) => name === 'ann' && password === 'pw';
    const { serving } = await start({ users });
    expect((await fetch(`${serving.url}v2/`)).status).toBe(401);
    const headers = { authorization: `Basic ${btoa('ann:pw')}` };
    expect((await fetch(`${serving.url}v2/`, { headers })).status).toBe(200);
  });

  it('refuses to let everybody in from outside, before anything is made', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1']) {
      await expect(start({ listen: { host, port: 0 } })).rejects.toMatchObject({
        code: 'open-to-all',
        message: expect.stringMatching(/^refusing to listen on \S+:0 for everybody$/),
        next: expect.stringContaining('--users FILE'),
      });
    }
    expect(existsSync(join(room.folder, 's'))).toBe(false);
    const { serving } = await start({ listen: { host: '0.0.0.0', port: 0 }, anonymous: 'pull' });
    expect(serving.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await fetch(`${serving.url}v2/`)).status).toBe(200);
    const push = await fetch(`${serving.url}v2/app/blobs/uploads/`, { method: 'POST' });
    expect(push.status).toBe(401);
  });

  it('says who has the port, and makes nothing', async () => {
    const { serving } = await start();
    const port = Number(serving.host.split(':')[1]);
    const again = start({ listen: { host: '127.0.0.1', port }, storageDir: join(room.folder, 'other') });
    await expect(again).rejects.toMatchObject({
      code: 'port-in-use',
      where: expect.stringMatching(
        new RegExp(`^node \\(pid ${process.pid}\\) since \\d\\d:\\d\\dZ answers as archweave \\d`),
      ),
      next: `open ${serving.url} or choose another port: archweave serve --listen 127.0.0.1:${port + 1}`,
    });
    expect(existsSync(join(room.folder, 'other'))).toBe(false);
  });

  it('says nothing about who answers where that is somebody else', async () => {
    const other = createServer((_, answer) => answer.end('hello')).listen(0, '127.0.0.1');
    await new Promise(resolve => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
        code: 'port-in-use',
        next: `choose another port: archweave serve --listen 127.0.0.1:${port + 1}`,
      });
    } finally {
      other.close();
    }
  });

  it('leaves its port free where the storage is in use', async () => {
    const { serving } = await start();
    const port = Number(serving.host.split(':')[1]);
    let taken = 0;
    const failed = start({
      listen: {
        host: '127.0.0.1',
        get port() {
          taken += 1;
          return 0;
        },
      },
    });
    await expect(failed).rejects.toMatchObject({ code: 'storage-in-use' });
    expect(taken).toBeGreaterThan(0);
    await serving.close();
    await serving.close();
    const again = await start({ listen: { host: '127.0.0.1', port } });
    expect(again.serving.url).toBe(serving.url);
  });

  it('refuses an address that this machine does not have', async () => {
    await expect(start({ listen: { host: '192.0.2.1', port: 0 }, anonymous: 'pull' })).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });
});
