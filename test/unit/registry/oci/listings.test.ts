import { describe, expect, it } from '@jest/globals';
import type { Registry } from '../../../../lib/registry/interfaces.ts';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, openScripted } from './scripted-registry.ts';

const servers = scriptedServers();
const FIRST = 'GET /v2/app/tags/list?n=1000';
const thousand = Array.from({ length: 1000 }, (_, run) => `t${String(run).padStart(4, '0')}`);
const page = (tags: unknown, headers = {}) => ({ headers, body: { name: 'app', tags } });

async function tagsOf(registry: Registry): Promise<readonly string[]> {
  const all: string[] = [];
  for await (const entries of registry.listTags('app')) all.push(...entries.map(({ tag }) => tag));
  return all;
}

describe('listing tags', () => {
  it('follows Link from page to page', async () => {
    const server = (await servers())
      .on(FIRST, page(['a'], { link: '</v2/app/tags/list?last=a&n=1>; rel="next"' }))
      .on('GET /v2/app/tags/list?last=a&n=1', page(['b'], { link: '<list?page=3>; rel=next' }))
      .on('GET /v2/app/tags/list?page=3', page(['c']));
    expect(await tagsOf(openScripted(server).registry)).toEqual(['a', 'b', 'c']);
  });

  it('does not follow Link to another origin', async () => {
    const elsewhere = await servers();
    const link = `<http://${elsewhere.host}/v2/app/tags/list>; rel="next"`;
    const server = (await servers()).on(FIRST, page(['a'], { link }));
    expect(await tagsOf(openScripted(server).registry)).toEqual(['a']);
    expect(elsewhere.seen).toEqual([]);
  });

  it('asks for what comes after a full page where there is no Link', async () => {
    const server = (await servers())
      .on(FIRST, page(thousand))
      .on('GET /v2/app/tags/list?n=1000&last=t0999', page(['u']));
    expect(await tagsOf(openScripted(server).registry)).toEqual([...thousand, 'u']);
  });

  it('ends where the registry takes no notice of what it is asked', async () => {
    const server = (await servers()).always('GET /v2/app/tags/list', page(thousand));
    expect(await tagsOf(openScripted(server).registry)).toEqual(thousand);
    expect(server.seen).toHaveLength(2);
  });

  it('ends where Link goes round in a circle', async () => {
    const link = '</v2/app/tags/list?n=1000>; rel="next"';
    const server = (await servers()).on(FIRST, page(['a'], { link }));
    expect(await tagsOf(openScripted(server).registry)).toEqual(['a']);
  });

  it('takes no tags for an empty list, and an empty page for no end', async () => {
    const server = (await servers())
      .on(FIRST, page(null), page([], { link: '</v2/app/tags/list?n=1&last=a>; rel="next"' }))
      .on('GET /v2/app/tags/list?n=1&last=a', page(['b']));
    const { registry } = openScripted(server);
    expect(await tagsOf(registry)).toEqual([]);
    expect(await tagsOf(registry)).toEqual(['b']);
  });

  it.each([['{"tags":'], ['null'], ['{"tags":{"a":1}}'], ['hello']])(
    'says of %j that no registry is there',
    async body => {
      const server = (await servers()).on(FIRST, { body });
      expect((await failureOf(tagsOf(openScripted(server).registry))).code).toBe('not-a-registry');
    },
  );

  it('reads no page of more than 8 MiB', async () => {
    const server = (await servers()).on(FIRST, { body: Buffer.alloc(8 * 1024 * 1024 + 1, 0x20) });
    expect((await failureOf(tagsOf(openScripted(server).registry))).code).toBe('too-large');
  });
});

describe('listing repositories', () => {
  it('reads the catalog from page to page', async () => {
    const server = (await servers())
      .on('GET /v2/_catalog?n=1000', {
        headers: { link: '</v2/_catalog?last=a&n=1>; rel="next"' },
        body: { repositories: ['a'] },
      })
      .on('GET /v2/_catalog?last=a&n=1', { body: { repositories: ['b/c'] } });
    const all: string[] = [];
    for await (const names of openScripted(server).registry.listRepositories()) all.push(...names);
    expect(all).toEqual(['a', 'b/c']);
  });
});
