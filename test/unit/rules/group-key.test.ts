import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildCaptures,
  buildName,
  candidates,
  keyCaptures,
  keyOf,
  memberOf,
  rulesFor,
  targetOf,
  targetsOf,
} from '../../../lib/rules/group.ts';
import { aRule, FLOATING, WINDOWS } from './a-rule.ts';

describe('the key', () => {
  it('has the captures that stand in every target', () => {
    expect(keyCaptures(aRule())).toEqual(['version']);
    expect(keyCaptures(aRule(FLOATING))).toEqual([]);
    expect(
      keyCaptures(aRule({ members: '{branch}-{run:int}-{arch}', targets: ['{branch}-{run}', '{branch}'] })),
    ).toEqual(['branch']);
    const major = aRule({ ...FLOATING, targets: ['v{version.major}', '{version.major}.{version.minor}'] });
    expect(keyCaptures(major)).toEqual(['version.major']);
    expect(keyOf('r', 'app', major, { version: '2.1.0' })).toBe(
      keyOf('r', 'app', major, { 'version.major': '2' }),
    );
  });

  it('tells registries, repositories and rules apart', () => {
    const keys = [
      keyOf('a', 'b/c', aRule(), { version: '1' }),
      keyOf('a/b', 'c', aRule(), { version: '1' }),
      keyOf('a', 'b/c', aRule({ name: 'other' }), { version: '1' }),
      keyOf('a', 'b/c', aRule(), { version: '2' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('leaves the other captures to tell the builds apart', () => {
    const rule = aRule({ members: '{branch}-{run:int}-{arch}', targets: ['{branch}'] });
    expect(buildCaptures(rule, { branch: 'main', run: '41' })).toEqual({ run: '41' });
    expect(buildName(rule, { branch: 'main', run: '41' })).toBe('41');
    expect(buildName(aRule(), { version: '1.0' })).toBe('');
    const two = aRule({ members: '{run:int}-{sha}-{arch}', targets: ['latest'] });
    expect(buildName(two, { sha: '9f3c', run: '41' })).toBe('41-9f3c');
  });
});

describe('a group, whatever the rule', () => {
  const rules = [
    aRule({ optional: ['linux/arm/v7', 'linux/s390x'] }),
    aRule({ members: '{arch}-{version}' }),
    aRule({ members: '{version}-{arch}-{flavour}', targets: ['{version}-{flavour}'] }),
    aRule({ members: '{a}-{b}-{arch}', targets: ['{b}_{a}'] }),
    aRule({ members: '{a}_{b}-{arch}', targets: ['{a}-{b}'] }),
    aRule({
      members: '{run:int}-{arch}',
      targets: ['{run}', 'latest'],
      newest: { by: 'captures', captures: ['run'] },
    }),
    aRule({ members: '{branch}-{run:int}-{arch}', targets: ['{branch}-{run}', '{branch}'] }),
    aRule(FLOATING),
    aRule(WINDOWS),
    aRule({
      members: '{version}-{arch}{variant?}',
      platforms: ['linux/arm/v6', 'linux/arm/v7', 'linux/arm64'],
    }),
    aRule({ members: '{arch}', targets: ['multi'] }),
  ];
  const word = fc.oneof(
    fc.stringMatching(/^[a-z0-9._-]{1,6}$/),
    fc.constantFrom(
      '1.2.3',
      '1.2.3-rc.1',
      '41',
      '007',
      'amd64',
      'arm',
      'latest',
      '1.0-arm64',
      'x86',
      '64',
      '9f-3c',
    ),
  );
  const tag = fc.oneof(
    fc.array(word, { minLength: 1, maxLength: 4 }).map(words => words.join('-')),
    fc
      .array(fc.oneof(word, fc.constantFrom('windows', 'linux', 'ltsc2019', 'v7')), { maxLength: 4 })
      .map(words => words.join('')),
  );
  const anyRule = fc.constantFrom(...rules);

  it('is read from a tag exactly if the tag is one of its candidates', () => {
    fc.assert(
      fc.property(anyRule, tag, (rule, text) => {
        const member = memberOf(rule, text);
        if (member === undefined) return;
        const all = candidates(rule, member.captures);
        expect(all.find(candidate => candidate.tag === text)?.claim).toEqual(member.claim);
        for (const candidate of all) {
          expect(memberOf(rule, candidate.tag)?.captures).toEqual(member.captures);
          expect(candidate.platforms.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('has the same key from its members as from each of its targets', () => {
    fc.assert(
      fc.property(anyRule, tag, (rule, text) => {
        const member = memberOf(rule, text);
        if (member === undefined) return;
        const key = keyOf('registry.lan', 'app', rule, member.captures);
        for (const target of targetsOf(rule, member.captures)) {
          const [read] = targetOf(rule, target.tag);
          expect(read).toMatchObject({ template: target.template, shared: target.shared });
          expect(keyOf('registry.lan', 'app', rule, read!.captures)).toBe(key);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('is written to no tag that is a member, and to none twice', () => {
    fc.assert(
      fc.property(anyRule, tag, (rule, text) => {
        const member = memberOf(rule, text);
        if (member === undefined) return;
        const targets = targetsOf(rule, member.captures).map(target => target.tag);
        expect(new Set(targets).size).toBe(targets.length);
        for (const target of targets) expect(memberOf(rule, target)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('shares an unshared target with no other group', () => {
    fc.assert(
      fc.property(anyRule, tag, tag, (rule, one, two) => {
        const [a, b] = [memberOf(rule, one), memberOf(rule, two)];
        if (!a || !b || keyOf('', '', rule, a.captures) === keyOf('', '', rule, b.captures)) return;
        const tags = targetsOf(rule, a.captures).map(target => target.tag);
        expect(targetsOf(rule, b.captures).filter(target => tags.includes(target.tag))).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('rulesFor', () => {
  const rule = aRule({
    repositories: [
      { registry: 'a.example', pattern: 'team/base', exclude: true },
      { registry: 'a.example', pattern: 'team/*', exclude: false },
    ],
  });
  it.each([
    ['a.example', 'team/app', true],
    ['a.example', 'team/a/b', true],
    ['a.example', 'team/base', false],
    ['a.example', 'other', false],
    ['b.example', 'team/app', false],
  ])('answers for %s/%s with %j', (registry, repository, expected) => {
    expect(rulesFor([rule], registry, repository)).toEqual(expected ? [rule] : []);
  });
});
