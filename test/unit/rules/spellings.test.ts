import { describe, expect, it } from '@jest/globals';
import { spellingIn, spellings } from '../../../lib/rules/spellings.ts';
import { aRule, tagsOf, WINDOWS } from './a-rule.ts';

const valuesOf = (rule: ReturnType<typeof aRule>) => spellings(rule).map(({ values }) => values);

describe('spellings', () => {
  it('are those of the architecture alone where nothing else is named', () => {
    const rule = aRule({ platforms: ['linux/ppc64le', 'linux/loong64'] });
    expect(spellings(rule)).toEqual([
      {
        values: { arch: 'ppc64le' },
        claim: { architecture: 'ppc64le' },
        platforms: [{ os: 'linux', architecture: 'ppc64le' }],
      },
      {
        values: { arch: 'loong64' },
        claim: { architecture: 'loong64' },
        platforms: [{ os: 'linux', architecture: 'loong64' }],
      },
      {
        values: { arch: 'loongarch64' },
        claim: { architecture: 'loong64' },
        platforms: [{ os: 'linux', architecture: 'loong64' }],
      },
    ]);
  });

  it('are one where members name no platform at all', () => {
    const rule = aRule({ members: '{version}', platforms: ['linux/amd64', 'linux/arm64'] });
    expect(spellings(rule)).toEqual([{ values: {}, claim: {}, platforms: rule.platforms }]);
    expect(valuesOf(aRule({ members: '{version}-{os}' }))).toEqual([{ os: 'linux' }]);
  });

  it('put a variant apart from the bare name, and together where it may be left out', () => {
    const apart = aRule({
      members: '{version}-{arch}-{variant}',
      platforms: ['linux/arm64', 'linux/arm/v6'],
    });
    expect(valuesOf(apart)).toEqual([
      { arch: 'arm64', variant: 'v8' },
      { arch: 'aarch64', variant: 'v8' },
      { arch: 'arm', variant: 'v6' },
    ]);
    const optional = aRule({ members: '{version}-{arch}{variant?}', platforms: ['linux/arm/v6'] });
    expect(valuesOf(optional)).toEqual([
      { arch: 'arm', variant: 'v6' },
      { arch: 'armv6', variant: '' },
      { arch: 'arm32v6', variant: '' },
      { arch: 'armel', variant: '' },
      { arch: 'armv6l', variant: '' },
    ]);
  });

  it('know the variants that go without saying', () => {
    const variants = (platform: string) =>
      valuesOf(aRule({ members: '{version}-{arch}-{variant}', platforms: [platform] }));
    expect(variants('linux/amd64')[0]).toEqual({ arch: 'amd64', variant: 'v1' });
    expect(variants('linux/amd64').map(({ arch }) => arch)).toEqual(['amd64', 'x86_64', 'x86-64', 'x64']);
    expect(variants('linux/amd64/v3')[0]).toEqual({ arch: 'amd64', variant: 'v3' });
    expect(variants('linux/s390x')).toEqual([{ arch: 's390x', variant: '' }]);
  });

  it('name a variant without an architecture', () => {
    const rule = aRule({ members: '{version}-{variant}', platforms: ['linux/arm/v7'] });
    expect(valuesOf(rule)).toEqual([{ variant: 'v7' }]);
    expect(spellings(rule)[0]!.claim).toEqual({ variant: 'v7' });
  });

  it('name the builds of Windows as releases and as numbers, and none of Linux', () => {
    const rule = aRule(WINDOWS);
    const of = (os: string) => valuesOf(rule).filter(values => values.os === os && values.arch === 'amd64');
    expect(of('linux')).toEqual([{ arch: 'amd64', os: 'linux', osversion: '' }]);
    expect(of('windows').map(({ osversion }) => osversion)).toEqual([
      ...['ltsc2019', '1809', '2019', '10.0.17763', ''],
      ...['ltsc2022', '2022', '10.0.20348'],
    ]);
  });

  it('know every build of Windows where the rule asks for none', () => {
    const rule = aRule({ members: '{version}-{osversion}', platforms: ['windows/amd64'] });
    const named = valuesOf(rule).map(({ osversion }) => osversion);
    expect(named.filter(name => name?.startsWith('10.'))).toEqual([
      ...['10.0.14393', '10.0.16299', '10.0.17134', '10.0.17763', '10.0.18362', '10.0.18363'],
      ...['10.0.19041', '10.0.19042', '10.0.20348', '10.0.25398', '10.0.26100'],
    ]);
    expect(named).toContain('ltsc2016');
    expect(named).not.toContain('');
  });

  it('are none for a system without named builds where a build must be named', () => {
    const rule = aRule({ members: '{version}-{osversion}', platforms: ['linux/amd64'] });
    expect(valuesOf(rule)).toEqual([]);
    expect(tagsOf(rule, { version: '1' })).toEqual([]);
  });

  it('claim what a tag says, and no more', () => {
    const rule = aRule(WINDOWS);
    const claim = (values: Record<string, string>) => spellingIn(rule, values)?.claim;
    expect(claim({ os: 'windows', osversion: '1809', arch: 'x64' })).toEqual({
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.17763',
    });
    expect(claim({ os: 'windows', osversion: '10.0.17763', arch: 'amd64' })).toMatchObject({
      'os.version': '10.0.17763',
    });
    expect(claim({ os: 'linux', osversion: '', arch: 'amd64' })).toEqual({
      os: 'linux',
      architecture: 'amd64',
    });
    expect(claim({ os: 'linux', osversion: '1809', arch: 'amd64' })).toBeUndefined();
    expect(claim({ os: 'linux', osversion: '', arch: 'arm64' })).toBeUndefined();
  });

  it('are worked out once a rule', () => {
    const rule = aRule();
    expect(spellings(rule)[0]).toBe(spellings(rule)[0]);
    expect(spellings(aRule())[0]).not.toBe(spellings(rule)[0]);
  });
});
