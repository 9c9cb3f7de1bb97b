import { afterEach, describe, expect, it } from '@jest/globals';
import { collect, descriptorOf, pushImage } from '../../../contract/registry-content.ts';
import { anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

describe('listing what is in ECR', () => {
  it('tells digest and time of each tag without reading a manifest, a page at a time', async () => {
    const now = Date.parse('2026-11-22T10:01:31Z');
    const { registry, fake, asked } = await anEcr(after, { createOnPush: true, now: () => now });
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    await registry.writeManifest('app', 'b', image);
    const other = await pushImage(registry, 'app', 'other', { tag: 'c' });
    await pushImage(registry, 'app', 'untagged');
    asked();
    const pushedAt = '2026-11-22T10:01:31.000Z';
    expect(await collect(registry.listTags('app'))).toEqual([
      { tag: 'a', digest: image.digest, pushedAt },
      { tag: 'b', digest: image.digest, pushedAt },
      { tag: 'c', digest: other.digest, pushedAt },
    ]);
    expect(fake.calls.at(-1)!.input).toMatchObject({ filter: { tagStatus: 'TAGGED' }, maxResults: 1000 });
    expect(asked()).toEqual(['DescribeImages']);
  });

  it('goes through all pages', async () => {
    const { registry, fake, asked } = await anEcr(after);
    for (const name of ['a', 'b', 'c']) await pushImage(registry, `team/${name}`, name, { tag: name });
    const { digest } = await pushImage(registry, 'app', 'subject', { tag: '1.0' });
    const pages = new Set<string>();
    fake.before = ({ input }) => {
      Object.assign(input, { maxResults: 2 });
    };
    expect(await collect(registry.listRepositories())).toEqual(['app', 'team/a', 'team/b', 'team/c']);
    const subject = { mediaType: 'application/json', digest, size: 1 };
    for (const name of ['x', 'y', 'z']) await pushImage(registry, 'app', name, { more: { subject } });
    asked();
    const listed = await registry.listReferrers('app', digest);
    for (const { digest: found } of listed) pages.add(found);
    expect(pages.size).toBe(3);
    expect(asked()).toEqual(['ListImageReferrers', 'ListImageReferrers']);
  });

  it('leaves archived images out', async () => {
    const { registry, fake } = await anEcr(after);
    const image = await pushImage(registry, 'app', 'one', { tag: 'a' });
    await pushImage(registry, 'app', 'two', { tag: 'b' });
    fake.world.repository('app').images.get(image.digest)!.archived = true;
    expect((await collect(registry.listTags('app'))).map(({ tag }) => tag)).toEqual(['b']);
  });

  it('finds nothing that refers to anything in a repository that is not there', async () => {
    const { registry } = await anEcr(after, {});
    const { digest } = descriptorOf({
      bytes: new Uint8Array(),
      digest: `sha256:${'0'.repeat(64)}`,
      mediaType: '',
    });
    expect(await registry.listReferrers('nowhere', digest)).toEqual([]);
  });

  it('says which right is missing to list', async () => {
    const { registry, fake } = await anEcr(after);
    fake.deny('DescribeImages');
    await expect(collect(registry.listTags('app'))).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the IAM action ecr:DescribeImages is not allowed',
    });
  });
});
