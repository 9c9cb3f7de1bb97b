import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  contradicts,
  formatPlatform,
  isKnownPlatform,
  normalisePlatform,
  type Platform,
  parsePlatform,
  platformKey,
  samePlatform,
  satisfies,
} from '../../../lib/image/platform.ts';
import { anyPlatform } from './arbitraries.ts';

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) throw new Error(`${text} is no platform`);
  return parsed;
}

describe('parsePlatform', () => {
  it.each([
    ['linux/amd64', { os: 'linux', architecture: 'amd64' }],
    ['linux/arm64/v8', { os: 'linux', architecture: 'arm64', variant: 'v8' }],
    ['linux/arm64/v8.2', { os: 'linux', architecture: 'arm64', variant: 'v8.2' }],
    ['linux/arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }],
    ['linux/amd64/v3', { os: 'linux', architecture: 'amd64', variant: 'v3' }],
    ['linux/riscv64/rva22u64', { os: 'linux', architecture: 'riscv64', variant: 'rva22u64' }],
    ['linux/ppc64le/power10', { os: 'linux', architecture: 'ppc64le', variant: 'power10' }],
    ['windows/amd64:10.0.17763', { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763' }],
    [
      'windows/arm64/v8:10.0.26100.1742',
      { os: 'windows', architecture: 'arm64', variant: 'v8', 'os.version': '10.0.26100.1742' },
    ],
    ['wasip1/wasm', { os: 'wasip1', architecture: 'wasm' }],
  ])('reads %s', (text, expected) => {
    expect(parsePlatform(text)).toEqual(expected);
    expect(formatPlatform(platform(text))).toBe(text);
  });

  it.each([
    '',
    'linux',
    'arm64',
    'linux/',
    '/amd64',
    'linux/x86_64',
    'linux/aarch64',
    'Linux/amd64',
    'linux/AMD64',
    'linux/arm64/8',
    'linux/arm64/v88',
    'linux/amd64/v5',
    'linux/s390x/v1',
    'linux/arm64/v8/x',
    'lnux/amd64',
    'linux/toString',
    'unknown/unknown',
    'windows/amd64:',
    'windows/amd64:10.',
    'windows/amd64:10.0.1.2.3',
    'windows/amd64:ltsc2019',
    ' linux/amd64',
    'linux/amd64\n',
  ])('does not take %j', text => {
    expect(parsePlatform(text)).toBeUndefined();
  });
});

describe('formatPlatform', () => {
  it('shows what is written, without rewriting it and without empty parts', () => {
    expect(formatPlatform({ os: 'Linux', architecture: 'x86_64', variant: '', 'os.version': '' })).toBe(
      'Linux/x86_64',
    );
    expect(
      formatPlatform({ os: 'linux', architecture: 'amd64', 'os.features': ['a'], features: ['sse4'] }),
    ).toBe('linux/amd64');
  });
});

describe('normalisePlatform', () => {
  it.each([
    ['arm64', 'v8', 'arm64', undefined],
    ['arm64', '8', 'arm64', undefined],
    ['arm64', 'v8.0', 'arm64', undefined],
    ['arm64', 'v8.1', 'arm64', 'v8.1'],
    ['arm64', '9', 'arm64', 'v9'],
    ['arm64', '9.0', 'arm64', 'v9'],
    ['arm64', 'v9.0', 'arm64', 'v9'],
    ['aarch64', '', 'arm64', undefined],
    ['arm', '', 'arm', 'v7'],
    ['arm', '5', 'arm', 'v5'],
    ['arm', '6', 'arm', 'v6'],
    ['arm', '7', 'arm', 'v7'],
    ['arm', '8', 'arm', 'v8'],
    ['arm', 'V6', 'arm', 'v6'],
    ['armhf', 'v6', 'arm', 'v7'],
    ['armel', '', 'arm', 'v6'],
    ['amd64', 'v1', 'amd64', undefined],
    ['amd64', 'v3', 'amd64', 'v3'],
    ['x86_64', '', 'amd64', undefined],
    ['x86-64', 'v2', 'amd64', 'v2'],
    ['i386', 'sse2', '386', undefined],
    ['386', 'sse2', '386', 'sse2'],
    ['S390X', '', 's390x', undefined],
  ])('takes %s %s as containerd does', (architecture, variant, expected, expectedVariant) => {
    expect(normalisePlatform({ os: 'linux', architecture, variant })).toEqual({
      os: 'linux',
      architecture: expected,
      ...(expectedVariant === undefined ? {} : { variant: expectedVariant }),
    });
  });

  it('calls macOS darwin, sorts os.features and drops what tells no platforms apart', () => {
    expect(
      normalisePlatform({
        os: 'macOS',
        architecture: 'arm64',
        'os.version': '',
        'os.features': ['b', 'a', 'b'],
        features: ['sse4'],
      }),
    ).toEqual({ os: 'darwin', architecture: 'arm64', 'os.features': ['a', 'b'] });
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyPlatform, any => {
        const once = normalisePlatform(any);
        expect(normalisePlatform(once)).toEqual(once);
      }),
    );
  });
});

describe('samePlatform', () => {
  it.each([
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/amd64', 'linux/amd64/v1', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/amd64', 'windows/amd64', false],
    ['windows/amd64:10.0.17763', 'windows/amd64:10.0.20348', false],
    ['windows/amd64:10.0.17763', 'windows/amd64:10.0.17763.1697', false],
    ['windows/amd64:10.0.17763', 'windows/amd64', false],
  ])('compares %s and %s normalised', (a, b, same) => {
    expect(samePlatform(platform(a), platform(b))).toBe(same);
    expect(samePlatform(platform(b), platform(a))).toBe(same);
  });

  it('counts os.features in any order and no CPU features', () => {
    const plain = { os: 'linux', architecture: 'amd64' };
    expect(samePlatform(plain, { ...plain, 'os.features': ['nydus.remoteimage.v1'] })).toBe(false);
    expect(
      samePlatform({ ...plain, 'os.features': ['a', 'b'] }, { ...plain, 'os.features': ['b', 'a'] }),
    ).toBe(true);
    expect(samePlatform(plain, { ...plain, features: ['sse4'] })).toBe(true);
  });

  it('holds exactly where the keys are equal and where the normal forms are', () => {
    fc.assert(
      fc.property(anyPlatform, anyPlatform, (a, b) => {
        const same = samePlatform(a, b);
        expect(platformKey(a) === platformKey(b)).toBe(same);
        expect(JSON.stringify(normalisePlatform(a)) === JSON.stringify(normalisePlatform(b))).toBe(same);
      }),
    );
  });

  it('does not confuse platforms whose parts run into one another', () => {
    expect(samePlatform({ os: 'a', architecture: 'b/c' }, { os: 'a', architecture: 'b', variant: 'c' })).toBe(
      false,
    );
    expect(samePlatform({ os: 'a","b', architecture: 'c' }, { os: 'a', architecture: 'b","c' })).toBe(false);
  });
});

describe('satisfies', () => {
  it.each([
    ['linux/arm64/v8', 'linux/arm64', true],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64/v9', 'linux/arm64', false],
    ['linux/arm', 'linux/arm/v7', true],
    ['linux/arm/v7', 'linux/arm', true],
    ['linux/arm/v6', 'linux/arm', false],
    ['linux/amd64/v3', 'linux/amd64', false],
    ['linux/amd64', 'linux/arm64', false],
    ['windows/amd64', 'linux/amd64', false],
    ['windows/amd64:10.0.17763.1697', 'windows/amd64', true],
    ['windows/amd64:10.0.17763.1697', 'windows/amd64:10.0.17763', true],
    ['windows/amd64:10.0.17763', 'windows/amd64:10.0.17763', true],
    ['windows/amd64:10.0.177630', 'windows/amd64:10.0.17763', false],
    ['windows/amd64:10.0.17763', 'windows/amd64:10.0.17763.1697', false],
    ['windows/amd64:10.0.20348.1', 'windows/amd64:10.0.17763', false],
    ['windows/amd64', 'windows/amd64:10.0.17763', false],
  ])('takes %s where %s is wanted: %s', (have, want, expected) => {
    expect(satisfies(platform(have), platform(want))).toBe(expected);
  });

  it('wants the os.features that are asked for, and lets others be there', () => {
    const plain = { os: 'windows', architecture: 'amd64' };
    const more = { ...plain, 'os.features': ['win32k', 'other'] };
    expect(satisfies(more, plain)).toBe(true);
    expect(satisfies(more, { ...plain, 'os.features': ['win32k'] })).toBe(true);
    expect(satisfies(plain, { ...plain, 'os.features': ['win32k'] })).toBe(false);
  });

  it('is reflexive, follows from sameness and is transitive', () => {
    fc.assert(
      fc.property(anyPlatform, anyPlatform, anyPlatform, (a, b, c) => {
        expect(satisfies(a, a)).toBe(true);
        if (samePlatform(a, b)) expect(satisfies(a, b) && satisfies(b, a)).toBe(true);
        if (satisfies(a, b) && satisfies(b, c)) expect(satisfies(a, c)).toBe(true);
        if (satisfies(a, b) && satisfies(b, a)) expect(samePlatform(a, b)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('does not depend on the spelling of either side', () => {
    fc.assert(
      fc.property(anyPlatform, anyPlatform, (a, b) => {
        expect(satisfies(normalisePlatform(a), normalisePlatform(b))).toBe(satisfies(a, b));
      }),
    );
  });
});

describe('contradicts', () => {
  it.each([
    ['linux/amd64', { architecture: 'arm64' }, true],
    ['linux/arm64/v8', { architecture: 'arm64' }, false],
    ['linux/arm64/v9', { architecture: 'arm64' }, false],
    ['linux/arm64/v9', { architecture: 'arm64', variant: 'v8' }, true],
    ['linux/arm64', { architecture: 'arm64', variant: 'v8' }, false],
    ['linux/arm/v7', { architecture: 'arm', variant: 'v6' }, true],
    ['linux/arm', { architecture: 'arm', variant: 'v7' }, false],
    ['linux/arm/v7', { variant: 'v6' }, true],
    ['linux/amd64', { os: 'windows' }, true],
    ['windows/amd64', { os: 'windows', architecture: 'amd64' }, false],
    ['windows/amd64:10.0.17763.1697', { 'os.version': '10.0.17763' }, false],
    ['windows/amd64:10.0.20348.1', { 'os.version': '10.0.17763' }, true],
    ['windows/amd64', { 'os.version': '10.0.17763' }, true],
    ['linux/amd64', {}, false],
  ])('asks of %s that it is %j: %s', (have, claim, expected) => {
    expect(contradicts(platform(have), claim)).toBe(expected);
  });

  it('never blames an image that satisfies all that is claimed', () => {
    fc.assert(
      fc.property(anyPlatform, anyPlatform, (have, claimed) => {
        const { os, architecture, variant, 'os.version': version } = claimed;
        const claim = {
          os,
          architecture,
          ...(variant && { variant }),
          ...(version && { 'os.version': version }),
        };
        if (satisfies(have, claim)) expect(contradicts(have, claim)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isKnownPlatform', () => {
  it.each([
    [undefined, false],
    [{ os: 'unknown', architecture: 'unknown' }, false],
    [{ os: 'Unknown', architecture: 'amd64' }, false],
    [{ os: 'linux', architecture: 'unknown' }, false],
    [{ os: '', architecture: '' }, false],
    [{ os: 'linux', architecture: '' }, false],
    [{ os: 'linux', architecture: 'amd64' }, true],
    [{ os: 'plan9', architecture: 'vax' }, true],
  ])('says of %j: %s', (value, known) => {
    expect(isKnownPlatform(value)).toBe(known);
  });
});
