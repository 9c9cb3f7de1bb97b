import { describe, expect, it } from '@jest/globals';
import {
  ALL_SPELLINGS,
  architectureNamed,
  osVersionNamed,
  osVersionSpellings,
  spellingsOf,
} from '../../../lib/image/architectures.ts';
import { parsePlatform, samePlatform } from '../../../lib/image/platform.ts';

describe('architectureNamed', () => {
  it.each([
    ['amd64', 'linux/amd64'],
    ['x86_64', 'linux/amd64'],
    ['x86-64', 'linux/amd64'],
    ['x64', 'linux/amd64'],
    ['AMD64', 'linux/amd64'],
    ['amd64v3', 'linux/amd64/v3'],
    ['arm64', 'linux/arm64'],
    ['aarch64', 'linux/arm64'],
    ['ARM64v8', 'linux/arm64/v8'],
    ['armv7', 'linux/arm/v7'],
    ['arm32v7', 'linux/arm/v7'],
    ['armhf', 'linux/arm/v7'],
    ['armv7l', 'linux/arm/v7'],
    ['arm', 'linux/arm'],
    ['armv6', 'linux/arm/v6'],
    ['arm32v6', 'linux/arm/v6'],
    ['armel', 'linux/arm/v6'],
    ['armv6l', 'linux/arm/v6'],
    ['armv5', 'linux/arm/v5'],
    ['arm32v5', 'linux/arm/v5'],
    ['386', 'linux/386'],
    ['i386', 'linux/386'],
    ['i686', 'linux/386'],
    ['x86', 'linux/386'],
    ['ppc64le', 'linux/ppc64le'],
    ['s390x', 'linux/s390x'],
    ['riscv64', 'linux/riscv64'],
    ['mips64le', 'linux/mips64le'],
    ['loong64', 'linux/loong64'],
    ['amd64v2', 'linux/amd64/v2'],
    ['x86-64-v2', 'linux/amd64/v2'],
    ['x86_64_v4', 'linux/amd64/v4'],
    ['arm64v9', 'linux/arm64/v9'],
    ['arm32v8', 'linux/arm/v8'],
    ['ppc64', 'linux/ppc64'],
    ['mips', 'linux/mips'],
    ['mipsle', 'linux/mipsle'],
    ['mips64', 'linux/mips64'],
    ['wasm', 'wasip1/wasm'],
    ['loongarch64', 'linux/loong64'],
  ])('knows %s as %s', (spelling, text) => {
    const named = architectureNamed(spelling);
    const platform = parsePlatform(text);
    expect(named && platform && samePlatform({ os: platform.os, ...named }, platform)).toBe(true);
  });

  it.each(['', 'windows', 'latest', 'arm6', 'amd', 'constructor', '__proto__'])(
    'does not know %j',
    spelling => {
      expect(architectureNamed(spelling)).toBeUndefined();
    },
  );
});

describe('spellingsOf', () => {
  it('puts the preferred spelling first', () => {
    expect(spellingsOf({ architecture: 'arm64' })).toEqual(['arm64', 'aarch64', 'arm64v8']);
    expect(spellingsOf({ architecture: 'amd64' })[0]).toBe('amd64');
    expect(spellingsOf({ architecture: 'arm', variant: 'v6' })[0]).toBe('armv6');
  });

  it('has the same spellings for every way to write one platform', () => {
    expect(spellingsOf({ architecture: 'arm64', variant: 'v8' })).toEqual(
      spellingsOf({ architecture: 'aarch64' }),
    );
    expect(spellingsOf({ architecture: 'arm' })).toEqual(spellingsOf({ architecture: 'arm', variant: 'v7' }));
  });

  it('has none for a variant that tags do not spell as one word', () => {
    expect(spellingsOf({ architecture: 'arm64', variant: 'v8.2' })).toEqual([]);
    expect(spellingsOf({ architecture: 'vax' })).toEqual([]);
  });

  it('undoes architectureNamed for every spelling, and no spelling means two things', () => {
    expect(new Set(ALL_SPELLINGS).size).toBe(ALL_SPELLINGS.length);
    for (const spelling of ALL_SPELLINGS) {
      const named = architectureNamed(spelling);
      expect(spelling).toBe(spelling.toLowerCase());
      expect(named && spellingsOf(named)).toContain(spelling);
    }
  });

  it('names only what a platform may be called in archweave.yaml', () => {
    for (const spelling of ALL_SPELLINGS) {
      const { architecture = '', variant } = architectureNamed(spelling) ?? {};
      expect(parsePlatform(`linux/${architecture}${variant ? `/${variant}` : ''}`)).toBeDefined();
    }
  });
});

describe('osVersionNamed', () => {
  it.each([
    ['ltsc2019', '10.0.17763'],
    ['1809', '10.0.17763'],
    ['LTSC2022', '10.0.20348'],
    ['ltsc2025', '10.0.26100'],
    ['20H2', '10.0.19042'],
    ['2016', '10.0.14393'],
    ['1709', '10.0.16299'],
    ['1803', '10.0.17134'],
    ['1903', '10.0.18362'],
    ['1909', '10.0.18363'],
    ['2004', '10.0.19041'],
    ['23H2', '10.0.25398'],
  ])('reads %s', (spelling, version) => {
    expect(osVersionNamed(spelling)).toBe(version);
    expect(osVersionSpellings(version)).toContain(spelling.toLowerCase());
  });

  it.each(['', '2018', 'windowsltsc2019', 'ltsc'])('does not know %j', spelling => {
    expect(osVersionNamed(spelling)).toBeUndefined();
  });
});

describe('osVersionSpellings', () => {
  it('takes a build with or without its last number, and no longer or shorter one', () => {
    expect(osVersionSpellings('10.0.17763')[0]).toBe('ltsc2019');
    expect(osVersionSpellings('10.0.17763.1697')).toEqual(osVersionSpellings('10.0.17763'));
    expect(osVersionSpellings('10.0.177630')).toEqual([]);
    expect(osVersionSpellings('10.0')).toEqual([]);
  });
});
