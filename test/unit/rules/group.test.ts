import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatPlatform } from '../../../lib/image/platform.ts';
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
import { aRule } from './a-rule.ts';

const WINDOWS = {
  members: '{version}-{os}{osversion?}-{arch}',
  platforms: ['linux/amd64', 'windows/amd64:10.0.17763', 'windows/amd64:10.0.20348'],
};
const FLOATING = {
  members: '{version:semver}-{arch}',
  targets: ['{version}', '{version.major}.{version.minor}', '{version.major}', 'latest'],
  newest: { by: 'captures', captures: ['version'] },
} as const;

const tagsOf = (rule: Parameters<typeof candidates>[0], captures: Record<string, string>) =>
  candidates(rule, captures).map(({ tag }) => tag);

describe('memberOf', () => {
  it('reads the group and the claim, without the platform among the captures', () => {
    expect(memberOf(aRule(), '1.0-aarch64')).toEqual({
      tag: '1.0-aarch64',
      captures: { version: '1.0' },
      claim: { architecture: 'arm64' },
    });
  });

  it('claims a variant only where the tag names one', () => {
    const rule = aRule({ platforms: ['linux/amd64', 'linux/arm/v6', 'linux/arm64'] });
    expect(memberOf(rule, '1-armv6')?.claim).toEqual({ architecture: 'arm', variant: 'v6' });
    expect(memberOf(rule, '1-arm64v8')?.claim).toEqual({ architecture: 'arm64' });
  });

  it('claims system and build of Windows', () => {
    expect(memberOf(aRule(WINDOWS), '1.0-windowsltsc2019-amd64')).toEqual({
      tag: '1.0-windowsltsc2019-amd64',
      captures: { version: '1.0' },
      claim: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763' },
    });
  });

  it('takes no tag of an architecture that the rule has not', () => {
    expect(memberOf(aRule(), '1.0-s390x')).toBeUndefined();
    expect(memberOf(aRule({ optional: ['linux/s390x'] }), '1.0-s390x')).toBeDefined();
  });

  it('takes no tag that is excluded', () => {
    expect(memberOf(aRule({ exclude: ['*-debug-*'] }), '1.0-debug-amd64')).toBeUndefined();
  });
});

describe('candidates', () => {
  it('are all spellings of all platforms, required ones and preferred spellings first', () => {
    const rule = aRule({ optional: ['linux/s390x'] });
    expect(tagsOf(rule, { version: '1.0' })).toEqual([
      ...['1.0-amd64', '1.0-x86_64', '1.0-x86-64', '1.0-x64'],
      ...['1.0-arm64', '1.0-aarch64', '1.0-arm64v8'],
      '1.0-s390x',
    ]);
  });

  it('name the platforms of the rule that a tag may be', () => {
    const rule = aRule({ platforms: ['linux/amd64', 'windows/amd64'] });
    const [first] = candidates(rule, { version: '1' });
    expect(first?.platforms.map(formatPlatform)).toEqual(['linux/amd64', 'windows/amd64']);
  });

  it('spell the system and the builds of Windows', () => {
    expect(tagsOf(aRule(WINDOWS), { version: '1' })).toEqual(
      expect.arrayContaining([
        '1-linux-amd64',
        '1-windowsltsc2019-amd64',
        '1-windows1809-x64',
        '1-windows-amd64',
      ]),
    );
    expect(tagsOf(aRule(WINDOWS), { version: '1' })).not.toContain('1-linuxltsc2019-amd64');
  });

  it('find any build of Windows where the rule names none', () => {
    const rule = aRule({ ...WINDOWS, platforms: ['linux/amd64', 'windows/amd64'] });
    expect(memberOf(rule, '1-windowsltsc2025-amd64')?.claim['os.version']).toBe('10.0.26100');
  });

  it('spell a variant apart, where the template does', () => {
    const rule = aRule({
      members: '{version}-{arch}-{variant?}',
      platforms: ['linux/arm/v7', 'linux/arm64'],
    });
    expect(tagsOf(rule, { version: '1' })).toEqual(
      expect.arrayContaining(['1-arm-v7', '1-armv7-', '1-arm64-v8', '1-aarch64-v8', '1-arm64-']),
    );
  });

  it('have no tag twice, and none that reads as another group', () => {
    const rule = aRule({ members: '{arch}-{version}', platforms: ['linux/386', 'linux/amd64'] });
    const tags = tagsOf(rule, { version: '64-1.0' });
    expect(new Set(tags).size).toBe(tags.length);
    expect(tags).not.toContain('x86-64-1.0');
    expect(tags).toContain('i386-64-1.0');
  });
});

describe('targetsOf', () => {
  it('renders each target of the rule', () => {
    expect(targetsOf(aRule(FLOATING), { version: '1.5.2' })).toEqual([
      { tag: '1.5.2', template: 0, shared: false },
      { tag: '1.5', template: 1, shared: true },
      { tag: '1', template: 2, shared: true },
      { tag: 'latest', template: 3, shared: true },
    ]);
  });

  it('sends a pre-release to no floating target', () => {
    expect(targetsOf(aRule(FLOATING), { version: '1.5.2-rc.1' }).map(({ tag }) => tag)).toEqual([
      '1.5.2-rc.1',
    ]);
  });

  it('leaves out tags that are none, excluded, or members of the rule', () => {
    expect(targetsOf(aRule(), { version: '1'.repeat(129) })).toEqual([]);
    expect(targetsOf(aRule({ exclude: ['1.0'] }), { version: '1.0' })).toEqual([]);
    expect(targetsOf(aRule(), { version: '1.0-amd64' })).toEqual([]);
    expect(targetsOf(aRule(), { version: '1.0-s390x' })).toEqual([]);
  });

  it('gives a tag that two templates make to the one with more literal text', () => {
    const rule = aRule({ members: '{run}-{arch}', targets: ['{run}', 'latest'], newest: { by: 'created' } });
    expect(targetsOf(rule, { run: 'latest' })).toEqual([{ tag: 'latest', template: 1, shared: true }]);
    expect(targetOf(rule, 'latest')).toEqual([{ template: 1, captures: {}, shared: true }]);
  });
});

describe('targetOf', () => {
  it('reads back what stands in the tag', () => {
    expect(targetOf(aRule(FLOATING), '1.5.2')).toEqual([
      { template: 0, captures: { version: '1.5.2' }, shared: false },
    ]);
    expect(targetOf(aRule(FLOATING), '1.5')).toEqual([
      { template: 1, captures: { 'version.major': '1', 'version.minor': '5' }, shared: true },
    ]);
    expect(targetOf(aRule(FLOATING), 'edge')).toEqual([]);
  });

  it('takes no member and no excluded tag for a target', () => {
    expect(targetOf(aRule(), '1.0-amd64')).toEqual([]);
    expect(targetOf(aRule(), '1.0-s390x')).toEqual([]);
    expect(targetOf(aRule({ exclude: ['*-debug'] }), '1.0-debug')).toEqual([]);
  });
});

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
