import { afterEach, describe, expect, it } from '@jest/globals';
import { DOCKER_LIST, OCI_INDEX } from '../../../../lib/image/media-types.ts';
import {
  descriptorOf,
  expectRefusal,
  indexOf,
  manifestOf,
  pushImage,
} from '../../../contract/registry-content.ts';
import { EcrFault } from '../../../support/ecr-fake-world.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const linux = { os: 'linux', architecture: 'amd64' };

describe('writing manifests to ECR', () => {
  it.each([
    ['throttled', new EcrFault('ThrottlingException', 'Rate exceeded'), 'throttled', true],
    ['a failure', new EcrFault('ServerException', 'sorry'), 'registry-failed', true],
    ['a broken connection', 'drop', 'unreachable', true],
    ['a page of a proxy', 'page', 'registry-failed', true],
    ['no answer', 'hang', 'timeout', true],
  ] as const)('sends a tag once, also after %s', async (_, how, code, retryable) => {
    const { open, fake, asked } = await anEcr(after);
    const registry = open({ timeout: 400 });
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    asked();
    fake.failNext('PutImage', how);
    await expect(registry.writeManifest('app', 'b', image)).rejects.toMatchObject({ code, retryable });
    expect(asked()).toEqual(['PutImage']);
  });

  it('sends what has no tag again, since it says the same whenever it lands', async () => {
    const { registry, fake, asked } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    const index = indexOf(image);
    asked();
    fake.failNext('PutImage', new EcrFault('ServerException', 'sorry'));
    await registry.writeManifest('app', index.digest, index);
    expect(asked()).toEqual(['PutImage', 'PutImage']);
  });

  it('is content where the image is there already under the tag', async () => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    fake.world.repository('app').mutability = 'IMMUTABLE';
    await registry.writeManifest('app', 'a', image);
    const other = await pushImage(registry, 'app', 'other');
    await expectRefusal(registry.writeManifest('app', 'a', other), 'immutable-tag');
  });

  it('says which child went away meanwhile, and that another look helps', async () => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    fake.before = ({ operation }) => {
      if (operation === 'PutImage') fake.storage.deleteManifest('app', image.digest);
    };
    await expect(registry.writeManifest('app', 'index', indexOf(image))).rejects.toMatchObject({
      code: 'child-gone',
      retryable: true,
      reason: `the registry does not have ${image.digest}`,
    });
  });

  it.each([
    ['os.features in an index', { platform: { ...linux, 'os.features': ['nydus'] } }],
    ['what is no index at all', { digest: 7 }],
  ])("refuses %s with ECR's own words", async (_, more) => {
    const { registry } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    const index = manifestOf(OCI_INDEX, { manifests: [{ ...descriptorOf(image), ...more }] });
    await expect(registry.writeManifest('app', 'index', index)).rejects.toMatchObject({
      code: 'unsupported',
      reason: expect.stringContaining("'Invalid JSON syntax'"),
      where: 'PutImage in eu-west-1 -> 400 InvalidParameterException',
    });
  });

  it('writes the very bytes, a mark at their beginning and all', async () => {
    const { registry } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    const list = manifestOf(DOCKER_LIST, {
      manifests: [{ ...descriptorOf(image), platform: { ...linux, features: ['sse4'] } }],
      text: 'ä\u2028\u{1f600}',
    });
    await registry.writeManifest('app', 'list', list);
    const reading = (await registry.readManifests('app', ['list'])).get('list');
    expect(reading).toMatchObject({ manifest: { digest: list.digest, mediaType: DOCKER_LIST } });
  });

  it('sends nothing that is no text, or too long', async () => {
    const { registry, asked } = await anEcr(after);
    const of = (bytes: Uint8Array) => ({ ...manifestOf(OCI_INDEX, {}), bytes });
    await expectRefusal(registry.writeManifest('app', 'a', of(new Uint8Array([0xff]))), 'malformed');
    const long = new Uint8Array(4_194_305);
    await expectRefusal(registry.writeManifest('app', 'a', of(long)), 'too-large');
    expect(asked()).toEqual([]);
  });

  it('notices where other bytes were stored than were sent', async () => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    fake.amend = (_, answer) => ({
      ...answer,
      image: { imageId: { imageDigest: `sha256:${'0'.repeat(64)}` } },
    });
    await expectRefusal(registry.writeManifest('app', 'a', image), 'digest-mismatch');
  });
});

describe('deleting from ECR', () => {
  it('takes no last tag away, since the image would go with it', async () => {
    const { registry, asked } = await anEcr(after);
    const { digest } = await pushImage(registry, 'app', 'one', { tag: 'only' });
    asked();
    await expect(registry.deleteManifest('app', 'only')).rejects.toMatchObject({
      code: 'unsupported',
      next: expect.stringContaining('/app@DIGEST'),
    });
    expect(asked()).toEqual(['DescribeImages']);
    expect((await registry.resolveReferences('app', ['only'])).get('only')).toBe(digest);
  });

  it('takes no image away that an index lists', async () => {
    const { registry } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one');
    await registry.writeManifest('app', 'index', indexOf(image));
    await expectRefusal(registry.deleteManifest('app', image.digest), 'unsupported');
  });

  it('finds nothing to do in a repository that is not there', async () => {
    const { registry } = await anEcr(after, {});
    await registry.deleteManifest('nowhere', 'tag');
    await registry.deleteManifest('nowhere', `sha256:${'0'.repeat(64)}`);
  });
});
