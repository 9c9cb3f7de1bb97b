import { afterEach, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { bytesOf, pushImage } from '../../../contract/registry-content.ts';
import { EcrFault } from '../../../support/ecr-fake-world.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('reading manifests from ECR', () => {
  it('asks for a hundred in one call', async () => {
    const { registry, asked } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one', { tag: 'tag-0' });
    asked();
    const tags = Array.from({ length: 201 }, (_, run) => `tag-${run}`);
    const readings = await registry.readManifests('app', [...tags, image.digest, 'tag-0']);
    expect(readings.size).toBe(202);
    expect([...readings.values()].filter(({ kind }) => kind === 'found')).toHaveLength(2);
    expect(asked()).toEqual(['BatchGetImage', 'BatchGetImage', 'BatchGetImage']);
  });

  it('names the account, and all four media types', async () => {
    const { registry, fake } = await anEcr(after);
    await registry.readManifests('app', ['1.0']);
    const { registryId, acceptedMediaTypes } = fake.calls[0]!.input as {
      registryId?: string;
      acceptedMediaTypes?: string[];
    };
    expect(registryId).toBe('123456789012');
    expect(acceptedMediaTypes).toHaveLength(4);
  });

  it('finds nothing by a digest that ECR does not have, without asking', async () => {
    const { registry, asked } = await anEcr(after);
    const digest = digestOf(bytesOf('x'), 'sha512');
    expect((await registry.readManifests('app', [digest])).get(digest)).toEqual({ kind: 'absent' });
    expect(asked()).toEqual([]);
  });

  it('finds each name where ECR answers an image that has two of them once', async () => {
    const { registry, fake, asked } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    await registry.writeManifest('app', 'b', image);
    fake.amend = (_, answer) => ({ ...answer, images: answer.images?.slice(0, 1) });
    asked();
    const readings = await registry.readManifests('app', ['a', 'b', image.digest]);
    expect(Object.fromEntries([...readings].map(([name, { kind }]) => [name, kind]))).toEqual({
      a: 'found',
      b: 'found',
      [image.digest]: 'found',
    });
    expect(asked()).toEqual(['BatchGetImage', 'BatchGetImage']);
  });

  it('fails where ECR does not answer at all about an image', async () => {
    const { registry, fake } = await anEcr(after);
    await pushImage(registry, 'app', 'one', { tag: 'a' });
    fake.amend = () => ({ images: [], failures: [] });
    const work = registry.readManifests('app', ['a', 'b']);
    await expect(work).rejects.toMatchObject({ code: 'registry-failed', retryable: true });
  });

  it.each([
    ['are not what their digest says', 'x', 'digest-mismatch'],
    ['are more than archweave reads', ' '.repeat(4 * 1024 * 1024 + 1), 'too-large'],
  ])('cannot read bytes that %s', async (_, imageManifest, code) => {
    const { registry, fake } = await anEcr(after);
    await pushImage(registry, 'app', 'one', { tag: 'a' });
    fake.amend = (_call, answer) => ({
      ...answer,
      images: answer.images?.map(image => ({ ...image, imageManifest })),
    });
    const reading = (await registry.readManifests('app', ['a'])).get('a');
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code } });
    await expect(registry.resolveReferences('app', ['a'])).rejects.toMatchObject({ code });
  });

  it('cannot read an archived image, and says how it comes back', async () => {
    const { registry, fake } = await anEcr(after);
    const { digest } = await pushImage(registry, 'app', 'one', { tag: 'a' });
    fake.world.repository('app').images.get(digest)!.archived = true;
    const reading = (await registry.readManifests('app', ['a'])).get('a');
    expect(reading).toMatchObject({
      kind: 'unreadable',
      error: { code: 'archived', next: expect.stringContaining('--target-storage-class STANDARD') },
    });
  });

  it.each([
    ['KmsError', 'forbidden', false],
    ['UpstreamAccessDenied', 'forbidden', false],
    ['UpstreamTooManyRequests', 'throttled', true],
    ['UpstreamUnavailable', 'registry-failed', true],
    ['SomethingNew', 'registry-failed', true],
  ])('takes %s for no answer about the image', async (failureCode, code, retryable) => {
    const { registry, fake } = await anEcr(after);
    await pushImage(registry, 'app', 'one', { tag: 'a' });
    const failures = [{ imageId: { imageTag: 'b' }, failureCode, failureReason: 'why' }];
    fake.amend = (_, answer) => ({ ...answer, failures });
    await expect(registry.readManifests('app', ['a', 'b'])).rejects.toMatchObject({ code, retryable });
  });

  it('takes the media type from the bytes where ECR does not say it', async () => {
    const { registry, fake } = await anEcr(after);
    const { mediaType } = await pushImage(registry, 'app', 'one', { tag: 'a', docker: true });
    fake.amend = (_, answer) => ({
      ...answer,
      images: answer.images?.map(image => ({ ...image, imageManifestMediaType: undefined })),
    });
    expect((await registry.readManifests('app', ['a'])).get('a')).toMatchObject({ manifest: { mediaType } });
  });

  it('tries again what was throttled or failed', async () => {
    const { registry, fake, asked } = await anEcr(after);
    await pushImage(registry, 'app', 'one', { tag: 'a' });
    asked();
    for (const name of ['ThrottlingException', 'ServerException']) {
      fake.failNext('BatchGetImage', new EcrFault(name, 'slow down'));
      expect((await registry.readManifests('app', ['a'])).get('a')?.kind).toBe('found');
    }
    expect(asked()).toHaveLength(4);
  });
});
