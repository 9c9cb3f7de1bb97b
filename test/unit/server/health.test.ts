import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { type HealthCheck, healthRoutes } from '../../../lib/server/health.ts';

const ask = async (check: HealthCheck, method = 'GET') => {
  const answer = await healthRoutes(check).request('/healthz', { method });
  return [answer.status, await answer.text()];
};

describe('GET /healthz', () => {
  it('is ok where nothing is wrong', async () => {
    expect(await ask(() => {})).toEqual([200, 'ok\n']);
    expect(await ask(async () => {})).toEqual([200, 'ok\n']);
  });

  it('gives the reason where something is, without the names of files', async () => {
    const full = () => {
      throw new ArchweaveError({ code: 'disk-full', attempt: 'write the ledger /home/me/ledger.sqlite' });
    };
    expect(await ask(full)).toEqual([503, 'the disk is full [disk-full]\n']);
    expect(await ask(() => Promise.reject(new Error('/home/me')))).toEqual([503, 'internal\n']);
  });

  it('is only there to be read', async () => {
    expect(await ask(() => {}, 'POST')).toEqual([405, 'only GET\n']);
    expect((await ask(() => {}, 'HEAD'))[0]).toBe(200);
  });
});
