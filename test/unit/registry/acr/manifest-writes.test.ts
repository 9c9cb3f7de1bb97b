import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../../../lib/image/manifest.ts';
import { OCI_INDEX } from '../../../../lib/image/media-types.ts';
import { expectRefusal, indexOf, pushImage } from '../../../contract/registry-content.ts';
import { refusal } from '../../../support/acr-fake-world.ts';
import { anAcr } from './an-acr.ts';

const acr = anAcr();
let image: Manifest;
let index: Manifest;
beforeAll(async () => {
  image = await pushImage(acr.open(), 'app', 'image', { tag: '1.0' });
  index = indexOf(image);
});
afterEach(() => {
  const { world } = acr.fake;
  world.forgetFaults();
  world.digestHeader = digest => digest;
  for (const set of [world.locked, world.softDeleted, world.denied]) set.clear();
  acr.asked();
});
const put = (reference: string, registry = acr.open()) => registry.writeManifest('app', reference, index);
const puts = () => acr.asked().filter(line => line.startsWith('PUT'));

describe('writing manifests to ACR', () => {
  it('says of an index that it is one, and stores its very bytes', async () => {
    await put('typed');
    const reading = (await acr.open().readManifests('app', ['typed'])).get('typed');
    expect(reading).toMatchObject({ manifest: { mediaType: OCI_INDEX, digest: index.digest } });
  });

  it.each([
    ['a failure', { status: 503 }, 'registry-failed', true],
    ['a broken connection', 'drop', 'unreachable', true],
    ['no answer', 'hang', 'timeout', true],
  ] as const)('sends a tag once, also after %s', async (_, how, code, retryable) => {
    const registry = acr.open({ timeout: 1_500 });
    await registry.resolveReferences('app', ['1.0']);
    acr.fake.world.failNext(/^PUT/, how);
    await expect(put('once', registry)).rejects.toMatchObject({ code, retryable });
    expect(puts()).toHaveLength(1);
  });

  it('sends a tag again where ACR did not take it: too fast, or by a token that had ended', async () => {
    const registry = acr.open();
    await put('again', registry);
    acr.fake.world.failNext(/^PUT/, { status: 429, headers: { 'retry-after': '2' } });
    acr.fake.world.tokens.revoke('access');
    acr.asked();
    await put('again', registry);
    expect(puts()).toHaveLength(3);
  });

  it('sends what has no tag again, since it says the same whenever it lands', async () => {
    acr.fake.world.failNext(/^PUT/, { status: 503 });
    await put(index.digest);
    expect(puts()).toHaveLength(2);
  });

  it.each([
    ['tag', 'app:1.0-locked', '--image app:1.0-locked'],
    ['repository', 'app', '--repository app'],
  ])(
    'says that the %s is locked, which its properties tell and not the words of the refusal',
    async (what, name, asked) => {
      await put('1.0-locked');
      acr.fake.world.locked.add(name);
      for (const words of [undefined, refusal(409, 'DENIED', 'computer says no')]) {
        if (words !== undefined) acr.fake.world.failNext(/^PUT/, words);
        await expect(put('1.0-locked')).rejects.toMatchObject({
          code: 'locked',
          retryable: false,
          reason: `the ${what} is locked against changes`,
          next: expect.stringContaining(asked),
        });
      }
    },
  );

  it('takes what it does not understand for a refusal, where nothing is locked', async () => {
    acr.fake.world.failNext(/^PUT/, refusal(409, 'CONFLICT', 'computer says no'));
    await expect(put('refused')).rejects.toMatchObject({
      code: 'unsupported',
      reason: 'the registry refuses it (409: CONFLICT: computer says no)',
    });
  });

  it('says that soft delete keeps the very same index', async () => {
    acr.fake.world.softDeleted.add(index.digest);
    await expect(put('back')).rejects.toMatchObject({ code: 'soft-deleted', retryable: false });
  });

  it('leaves a child that a replica does not have yet to another try', async () => {
    const unknown = refusal(404, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown', { digest: image.digest });
    acr.fake.world.failNext(/^PUT/, unknown);
    await expect(put('replica')).rejects.toMatchObject({
      code: 'child-gone',
      retryable: true,
      reason: `the registry does not have ${image.digest}`,
    });
    await put('replica');
  });

  it('does not believe a registry that stored other bytes', async () => {
    const other = `sha256:${'0'.repeat(64)}`;
    const headers = { 'docker-content-digest': other, location: '/' };
    acr.fake.world.failNext(/^PUT/, { status: 201, headers });
    await expectRefusal(put('other'), 'digest-mismatch');
  });

  it('looks again where ACR does not say what it has stored', async () => {
    acr.fake.world.failNext(/^PUT/, { status: 201 });
    await expect(put('mute')).rejects.toMatchObject({ code: 'registry-failed', retryable: true });
    expect(puts()).toHaveLength(1);
  });

  it.each([403, 401] as const)('names the roles that are missing (%i)', async status => {
    acr.fake.world.denied.set('push', status);
    await expect(put('denied')).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the identity may not write here',
      next: 'give it AcrPush; a registry with ABAC ignores that and wants "Container Registry Repository Writer"',
    });
    const blob = { digest: image.digest, size: 1 };
    await expectRefusal(
      acr.open().writeBlob('app', blob, async function* () {}),
      'forbidden',
    );
  });

  it('takes a tag away once, and not one that is locked', async () => {
    await put('goes');
    acr.fake.world.failNext(/^DELETE/, { status: 503 });
    await expectRefusal(acr.open().deleteManifest('app', 'goes'), 'registry-failed');
    acr.fake.world.locked.add('app:goes');
    await expectRefusal(acr.open().deleteManifest('app', 'goes'), 'locked');
    acr.fake.world.locked.clear();
    await acr.open().deleteManifest('app', 'goes');
    expect((await acr.open().resolveReferences('app', ['goes'])).get('goes')).toBeUndefined();
  });
});
