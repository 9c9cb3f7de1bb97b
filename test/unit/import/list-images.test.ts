import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { listImages } from '../../../lib/import/list-images.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';

const rule: ImportRule = {
  name: 'mirror',
  line: 1,
  from: { registry: 'a.example', pattern: 'team/*' },
  to: { registry: 'b.example', repository: 'm/{repository}' },
  tags: ['1.*'],
  platforms: 'all',
  referrers: true,
  when: { on: 'manual' },
};
const TAGS: Readonly<Record<string, readonly string[]>> = {
  'team/app': ['1.0', '2.0'],
  'team/web': ['1.1'],
  other: ['1.0'],
};
const source = {
  async *listRepositories() {
    yield Object.keys(TAGS);
  },
  async *listTags(repository: string) {
    if (TAGS[repository] === undefined) throw new ArchweaveError({ code: 'no-repository', attempt: 'list' });
    yield TAGS[repository]!.map(tag => ({ tag }));
  },
};

describe('listImages', () => {
  it('finds what the import copies, and where to', async () => {
    const found = await listImages(rule, [], source);
    expect(
      found.map(({ source: at, target }) => [
        `${at.repository}:${at.tag}`,
        `${target.repository}:${target.tag}`,
      ]),
    ).toEqual([
      ['team/app:1.0', 'm/team/app:1.0'],
      ['team/web:1.1', 'm/team/web:1.1'],
    ]);
  });

  it('asks for no catalogue where one repository is named, and finds none where it is gone', async () => {
    const { listTags } = source;
    const named = (pattern: string) => ({ ...rule, from: { registry: 'a.example', pattern } });
    expect(await listImages(named('team/app'), [], { listTags })).toHaveLength(1);
    expect(await listImages(named('team/gone'), [], { listTags })).toEqual([]);
  });

  it.each(['unsupported', 'unauthorized'] as const)(
    'says what to do where the catalogue is %s',
    async code => {
      const failing = {
        ...source,
        async *listRepositories(): AsyncIterable<readonly string[]> {
          yield [];
          throw new ArchweaveError({ code, attempt: 'list repositories' });
        },
      };
      await expect(listImages(rule, [], failing)).rejects.toMatchObject({
        code,
        attempt: 'list the repositories of a.example',
        next: 'name them: "from" of the import "mirror" without *',
      });
    },
  );
});
