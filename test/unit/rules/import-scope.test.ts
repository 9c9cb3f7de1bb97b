import { describe, expect, it } from '@jest/globals';
import { builtInRule } from '../../../lib/rules/built-in.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { importsFrom, sourceOfImport, targetOfImport } from '../../../lib/rules/import-scope.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import { aRule } from './a-rule.ts';

const mirror: ImportRule = {
  name: 'mirror',
  line: 1,
  from: { registry: 'a.example', pattern: 'team/*' },
  to: { registry: 'b.example', repository: 'mirror/{repository}' },
  tags: ['1.*', 'latest'],
  platforms: 'all',
  referrers: true,
  when: { on: 'pushed' },
};
const at = (registry: string, repository: string, tag: string) => ({ registry, repository, tag });

describe('what an import copies', () => {
  it.each([
    [at('a.example', 'team/app', '1.0'), at('b.example', 'mirror/team/app', '1.0')],
    [at('a.example', 'team/a/b', 'latest'), at('b.example', 'mirror/team/a/b', 'latest')],
    [at('a.example', 'team/app', '2.0'), undefined],
    [at('a.example', 'other/app', '1.0'), undefined],
    [at('c.example', 'team/app', '1.0'), undefined],
    [at('a.example', `team/${'a'.repeat(250)}`, '1.0'), undefined],
  ])('goes from %j to %j, and is found back', (source, target) => {
    expect(targetOfImport(mirror, [], source)).toEqual(target);
    if (target) expect(sourceOfImport(mirror, [], target)).toEqual(source);
  });

  it.each([
    at('b.example', 'mirror/other/app', '1.0'),
    at('b.example', 'mirror/team/app', '2.0'),
    at('b.example', 'team/app', '1.0'),
    at('a.example', 'mirror/team/app', '1.0'),
    at('b.example', 'mirror/', '1.0'),
  ])('is not what lies at %j', place => {
    expect(sourceOfImport(mirror, [], place)).toBeUndefined();
  });

  it('is found back where the name stands twice, or not at all', () => {
    const twice = { ...mirror, to: { registry: 'b.example', repository: '{repository}/of/{repository}' } };
    const target = at('b.example', 'team/x/of/team/x', '1.0');
    expect(targetOfImport(twice, [], at('a.example', 'team/x', '1.0'))).toEqual(target);
    expect(sourceOfImport(twice, [], target)).toEqual(at('a.example', 'team/x', '1.0'));
    expect(sourceOfImport(twice, [], at('b.example', 'team/x/of/team/y', '1.0'))).toBeUndefined();
    const one = {
      ...mirror,
      from: { registry: 'a.example', pattern: 'team/x' },
      to: { registry: 'b.example', repository: 'y' },
    };
    expect(sourceOfImport(one, [], at('b.example', 'y', '1.0'))).toEqual(at('a.example', 'team/x', '1.0'));
    expect(sourceOfImport(one, [], at('b.example', 'z', '1.0'))).toBeUndefined();
  });

  it('is found back where all of the name is one letter, and not where it would be none', () => {
    const all = {
      ...mirror,
      from: { registry: 'a.example', pattern: '*' },
      to: { registry: 'b.example', repository: 'old{repository}' },
    };
    expect(sourceOfImport(all, [], at('b.example', 'oldx', '1.0'))).toEqual(at('a.example', 'x', '1.0'));
    expect(sourceOfImport(all, [], at('b.example', 'old', '1.0'))).toBeUndefined();
    expect(sourceOfImport(all, [], at('b.example', 'ol', '1.0'))).toBeUndefined();
    const twice = { ...all, to: { registry: 'b.example', repository: '{repository}/{repository}' } };
    expect(sourceOfImport(twice, [], at('b.example', 'x/x', '1.0'))).toEqual(at('a.example', 'x', '1.0'));
    expect(sourceOfImport(twice, [], at('b.example', 'x/xx', '1.0'))).toBeUndefined();
  });

  it('leaves tags to split that split makes', () => {
    const split = { ...mirror, split: parseTemplate('{tag}-{arch}') };
    expect(targetOfImport(split, [], at('a.example', 'team/app', '1.0-amd64'))).toBeUndefined();
    expect(targetOfImport(split, [], at('a.example', 'team/app', '1.0'))).toBeDefined();
    expect(targetOfImport(mirror, [], at('a.example', 'team/app', '1.0-amd64'))).toBeDefined();
  });

  it('is what an index rule publishes, where one does and the import waits for that', () => {
    const rules = [builtInRule('a.example')];
    const published = { ...mirror, when: { on: 'published' as const } };
    expect(targetOfImport(published, rules, at('a.example', 'team/app', '1.0'))).toBeDefined();
    expect(targetOfImport(published, rules, at('a.example', 'team/app', '1.0-amd64'))).toBeUndefined();
    expect(targetOfImport(published, [], at('a.example', 'team/app', '1.0-amd64'))).toBeDefined();
    expect(targetOfImport(mirror, rules, at('a.example', 'team/app', '1.0-amd64'))).toBeDefined();
    // One of several is enough.
    const windows = aRule({
      repositories: [{ registry: 'a.example', pattern: '*', exclude: false }],
      members: '{version}-{os}-{arch}',
      targets: ['{version}-multi'],
    });
    const both = [windows, ...rules];
    expect(targetOfImport(published, both, at('a.example', 'team/app', '1.0'))).toBeDefined();
    expect(targetOfImport(published, [windows], at('a.example', 'team/app', '1.0'))).toBeUndefined();
  });

  it('is told for a repository in the order of the file', () => {
    const all = { ...mirror, name: 'all', from: { registry: 'a.example', pattern: '*' } };
    expect(importsFrom([mirror, all], 'a.example', 'team/app').map(({ name }) => name)).toEqual([
      'mirror',
      'all',
    ]);
    expect(importsFrom([mirror, all], 'a.example', 'app').map(({ name }) => name)).toEqual(['all']);
  });
});
