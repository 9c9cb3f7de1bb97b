import { describe, expect, it } from '@jest/globals';
import { formatPlatform } from '../../../lib/image/platform.ts';
import { candidates, memberOf, targetOf, targetsOf } from '../../../lib/rules/group.ts';
import { aRule, FLOATING, tagsOf, WINDOWS } from './a-rule.ts';

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

describe('captures that a tag cannot give back', () => {
  const rule = aRule({ members: '{a}-{b}-{c}-{arch}', targets: ['{a}-{b}-{c}'] });
  // Read from `1-2-3-4` they are 1, 2 and 3-4.
  const captures = { a: '1', b: '2-3', c: '4' };

  it('have neither members nor a target', () => {
    expect(tagsOf(rule, captures)).toEqual([]);
    expect(targetsOf(rule, captures)).toEqual([]);
    expect(targetsOf(rule, { a: '1', b: '2', c: '3-4' })).toMatchObject([{ tag: '1-2-3-4' }]);
  });
});
