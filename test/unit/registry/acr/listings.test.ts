import { afterEach, describe, expect, it } from '@jest/globals';
import { collect, pushImage } from '../../../contract/registry-content.ts';
import { anAcr } from './an-acr.ts';

let clock = Date.parse('2026-11-01T10:00:00Z');
const acr = anAcr({ now: () => clock });
const open = () => acr.open({ now: () => clock });
afterEach(() => {
  acr.fake.world.renewsTime = true;
  acr.fake.world.denied.clear();
  acr.asked();
});

async function pushAt(repository: string, tag: string, time: string, name = tag) {
  clock = Date.parse(`2026-11-01T${time}:00Z`);
  return pushImage(open(), repository, name, { tag });
}

describe('the tags of ACR that changed last', () => {
  it('come newest first, by one request, with their digests and times', async () => {
    await pushAt('app', '1.0-amd64', '10:00');
    const arm = await pushAt('app', '1.0-arm64', '10:01');
    const again = await pushAt('app', '1.0-amd64', '10:02', 'moved');
    const registry = open();
    acr.asked();
    expect(await registry.newestTags('app', 50)).toEqual([
      { tag: '1.0-amd64', digest: again.digest, pushedAt: '2026-11-01T10:02:00.000Z' },
      { tag: '1.0-arm64', digest: arm.digest, pushedAt: '2026-11-01T10:01:00.000Z' },
    ]);
    await registry.newestTags('app', 1);
    // The first was told what to ask for; the token that it got then is kept.
    expect(acr.asked().filter(line => line.includes('orderby=timedesc'))).toHaveLength(3);
  });

  it('have moved at another time where the service renews none', async () => {
    acr.fake.world.renewsTime = false;
    await pushAt('still', 'moving', '10:00');
    await pushAt('still', 'newer', '10:01');
    await pushAt('still', 'moving', '10:02', 'moved');
    expect((await open().newestTags('still', 50)).map(({ tag }) => tag)).toEqual(['newer', 'moving']);
  });

  it('are as many as asked for, and none of a repository that is not there', async () => {
    for (const tag of ['a', 'b', 'c']) await pushAt('many', tag, '11:00');
    expect(await open().newestTags('many', 2)).toHaveLength(2);
    expect(await open().newestTags('nowhere', 2)).toEqual([]);
  });
});

describe('the lists of ACR', () => {
  it('go on from the page that was refused for being asked too fast', async () => {
    for (const tag of ['a', 'b', 'c', 'd']) await pushAt('paged', tag, '12:00');
    acr.fake.world.pageSize = 2;
    acr.asked();
    const registry = open();
    await registry.newestTags('paged', 1);
    acr.asked();
    acr.fake.world.failNext(/_tags\?.*last=b/, { status: 429, headers: { 'retry-after': '1' } });
    const listed = await collect(registry.listTags('paged'));
    expect(listed.map(({ tag }) => tag)).toEqual(['a', 'b', 'c', 'd']);
    expect(acr.asked()).toHaveLength(3);
    acr.fake.world.pageSize = 100;
  });

  it('name the role that is missing for the list of repositories', async () => {
    acr.fake.world.denied.set('*', 403);
    await expect(collect(open().listRepositories())).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the identity may not list repositories here',
      next: expect.stringContaining('"Container Registry Repository Catalog Lister"'),
    });
  });
});
