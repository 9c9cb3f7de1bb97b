import { describe, expect, it } from '@jest/globals';
import { type Flow, flowOfImport, flowOfRule, tagsMeet } from '../../../lib/rules/import-graph.ts';
import type { ImportRule } from '../../../lib/rules/import-rule.ts';
import { parseTemplate } from '../../../lib/rules/parse-template.ts';
import type { RepositoryPattern } from '../../../lib/rules/rule.ts';
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
const split = { ...mirror, split: parseTemplate('{tag}-{arch}') };

/** Written `host/pattern`, with `!` before what is taken away. */
function within(...written: readonly string[]): readonly RepositoryPattern[] {
  return written.map(text => {
    const [, not, registry = '', pattern = ''] = /^(!?)([^/]*)\/(.*)$/.exec(text) ?? [];
    return { registry, pattern, exclude: not === '!' };
  });
}

/** Whether a tag of a repository is among them. */
function has(tags: Flow['from'], place: string): boolean {
  const [repository = '', tag = ''] = place.split(':');
  return tagsMeet(tags, {
    repositories: within(repository),
    tags: flowOfImport({ ...mirror, tags: [tag] }).to.tags,
  });
}

describe('what an import takes and writes', () => {
  const { from, to } = flowOfImport(mirror);

  it.each([
    ['a.example/team/app:1.0', true],
    ['a.example/team/app:latest', true],
    ['a.example/team/app:2.0', false],
    ['a.example/other/app:1.0', false],
    ['b.example/team/app:1.0', false],
  ])('is taken from %s: %s', (place, expected) => {
    expect(has(from, place)).toBe(expected);
  });

  it.each([
    ['b.example/mirror/team/app:1.0', true],
    ['b.example/mirror/team/app:2.0', false],
    ['b.example/mirror/other/app:1.0', false],
    ['b.example/team/app:1.0', false],
    ['a.example/mirror/team/app:1.0', false],
  ])('is written to %s: %s', (place, expected) => {
    expect(has(to, place)).toBe(expected);
  });

  it('has the name of the source as often as it is written', () => {
    const twice = { ...mirror, to: { registry: 'b.example', repository: '{repository}/of/{repository}' } };
    expect(has(flowOfImport(twice).to, 'b.example/team/x/of/team/x:1.0')).toBe(true);
    expect(has(flowOfImport(twice).to, 'b.example/team/x/of/other/x:1.0')).toBe(false);
  });

  it('is written by split too, but never taken from what looks like that', () => {
    const platform = 'mirror/team/app:1.0-arm64';
    expect(has(flowOfImport(split).to, `b.example/${platform}`)).toBe(true);
    expect(has(flowOfImport(split).from, 'a.example/team/app:1.0-arm64')).toBe(false);
    expect(has(flowOfImport(split).from, 'a.example/team/app:1.0')).toBe(true);
    // Of tags that are copied only.
    expect(has(flowOfImport(split).to, 'b.example/mirror/team/app:2.0-arm64')).toBe(false);
    const exactly = { tags: ['1.0'] };
    expect(has(flowOfImport({ ...split, ...exactly }).to, `b.example/${platform}`)).toBe(true);
    expect(has(flowOfImport({ ...mirror, ...exactly }).to, `b.example/${platform}`)).toBe(false);
  });
});

describe('what an index rule takes and writes', () => {
  const place = (tag: string) => `a.example/app:${tag}`;
  const rule = aRule({ repositories: within('a.example/*'), exclude: ['nightly-*', 'old'] });
  const { from, to } = flowOfRule(rule);

  it.each([
    ['1.0-amd64', true, false],
    ['1.0', false, true],
    ['nightly-1-amd64', false, false],
    ['nightly-1', false, false],
    ['old', false, false],
  ])('takes %s: %s, and writes it: %s', (tag, taken, written) => {
    expect(has(from, place(tag))).toBe(taken);
    expect(has(to, place(tag))).toBe(written);
  });

  it('writes each of its targets', () => {
    const floating = flowOfRule(
      aRule({
        repositories: within('a.example/*'),
        members: '{version:semver}-{arch}',
        targets: ['v{version}', 'v{version.major}', 'latest'],
      }),
    );
    for (const tag of ['v1.2.3', 'v1', 'latest']) expect(has(floating.to, place(tag))).toBe(true);
    for (const tag of ['v1.2', '1', 'newest']) expect(has(floating.to, place(tag))).toBe(false);
  });

  it('writes no tag that would be a member but for the type of a capture', () => {
    const typed = flowOfRule(
      aRule({
        repositories: within('a.example/*'),
        members: '{run:int}-{arch}',
        targets: ['x{run}', '{any}'],
      }),
    );
    // `{any}` has it, and it is no member, since `nightly` is no number.
    expect(has(typed.from, place('nightly-arm64'))).toBe(false);
    expect(has(typed.to, place('nightly-arm64'))).toBe(false);
    expect(has(typed.to, place('nightly-arm65'))).toBe(true);
  });
});

describe('repositories', () => {
  const { tags } = flowOfImport(mirror).from;
  const meet = (a: readonly string[], b: readonly string[]) => {
    const [left, right] = [within(...a), within(...b)].map(repositories => ({ repositories, tags }));
    return [tagsMeet(left!, right!), tagsMeet(right!, left!)];
  };

  it.each([
    [['a/x'], ['a/x'], true],
    [['a/x'], ['a/y'], false],
    [['a/x'], ['b/x'], false],
    [['a/y', 'a/x'], ['a/z', 'a/x'], true],
    [['a/*', '!a/x'], ['a/x'], false],
    [['a/*', '!a/x'], ['a/y'], true],
    // Only a part of it is taken away.
    [['a/*', '!a/x/*'], ['a/x*'], true],
    [['a/*', '!a/x*'], ['a/x/*'], false],
    // Somewhere else.
    [['a/*', '!b/x'], ['a/x'], true],
    // What is taken away is not what is there.
    [['!a/x'], ['a/x'], false],
    [[], ['a/x'], false],
  ])('%j and %j have one in common: %s', (a, b, expected) => {
    expect(meet(a, b)).toEqual([expected, expected]);
  });
});
