import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { expectRefusal, pushBlob, readAll, stream } from '../../../contract/registry-content.ts';
import { anAcr } from './an-acr.ts';

const acr = anAcr();
beforeEach(() => {
  acr.asked();
  acr.loggedIn();
});
/** Too large for the closing request alone. */
const large = () => new Uint8Array(randomBytes(4 * 1024 * 1024 + 11));

describe('blobs of ACR', () => {
  it('go on where the token ended in the middle of their upload', async () => {
    const bytes = large();
    const digest = digestOf(bytes);
    const registry = acr.open();
    let opened = 0;
    await registry.writeBlob('app', { digest, size: bytes.length }, async function* (offset) {
      opened += 1;
      let parts = 0;
      for await (const part of stream(bytes, offset)) {
        // The upload is begun by then.
        parts += 1;
        if (opened === 1 && parts === 2) acr.fake.world.tokens.revoke('access');
        yield part;
      }
    });
    expect(opened).toBe(2);
    expect(digestOf(await readAll(await registry.openBlob('app', digest)))).toBe(digest);
    expect(acr.loggedIn().filter(line => line === 'POST /oauth2/exchange')).toHaveLength(1);
  });

  it('go on where the line broke or the registry was busy', async () => {
    for (const how of ['drop', { status: 503 }] as const) {
      const bytes = large();
      acr.fake.world.failNext(/^PATCH/, how);
      const digest = await pushBlob(acr.open(), 'app', bytes);
      expect(await acr.open().statBlob('app', digest)).toBe(bytes.length);
    }
  });

  it('are mounted with a token for both repositories, and not sent again where they are', async () => {
    const registry = acr.open();
    const bytes = new Uint8Array(randomBytes(100));
    const digest = await pushBlob(registry, 'from', bytes);
    acr.asked();
    expect(await registry.mountBlob('to', digest, 'from')).toBe(true);
    await registry.writeBlob('to', { digest, size: bytes.length }, () => {
      throw new Error('it was read');
    });
    expect(acr.asked().map(line => line.replace(/\?.*/, ''))).toEqual([
      'POST /v2/to/blobs/uploads/',
      `HEAD /v2/to/blobs/${digest}`,
    ]);
  });

  it('name the role that is missing to push them, and to take one over', async () => {
    acr.fake.world.denied.set('push', 403);
    const digest = digestOf(new Uint8Array(1));
    const writing = acr.open().writeBlob('app', { digest, size: 1 }, () => stream(new Uint8Array(1)));
    await expect(writing).rejects.toMatchObject({
      code: 'forbidden',
      next: expect.stringContaining('AcrPush'),
    });
    await expectRefusal(acr.open().mountBlob('to', digest, 'from'), 'forbidden');
    acr.fake.world.denied.clear();
  });

  it('wait as long as ACR asks for', async () => {
    const digest = await pushBlob(acr.open(), 'app', new Uint8Array(randomBytes(10)));
    acr.waits.length = 0;
    acr.fake.world.failNext(/^GET .*blobs/, { status: 429, headers: { 'retry-after': '5' } });
    expect((await acr.open().readBlobs('app', [digest])).get(digest)).toMatchObject({ kind: 'found' });
    expect(acr.waits).toEqual([5000]);
  });
});
