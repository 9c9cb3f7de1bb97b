import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  formatPlatform,
  isKnownPlatform,
  normalisePlatform,
  type Platform,
  parsePlatform,
  platformKey,
  samePlatform,
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
    ['linux/ppc64/power10', { os: 'linux', architecture: 'ppc64', variant: 'power10' }],
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
    'linux/arm/v77',
    'linux/arm/xv7',
    'linux/amd64/v33',
    'linux/amd64/xv3',
    'linux/arm64/xv8',
    'linux/ppc64/power9x',
    'linux/ppc64/xpower9',
    'linux/ppc64/powerx',
    'linux/ppc64le/power9x',
    'linux/ppc64le/xpower9',
    'linux/riscv64/rva22u64x',
    'linux/riscv64/xrva22u64',
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

describe('platformKey', () => {
  it('is another one for other features, whose order does not count', () => {
    const keys = [undefined, ['win32k'], ['win32k', 'x'], ['x', 'win32k']].map(features =>
      platformKey({ os: 'windows', architecture: 'amd64', ...(features && { 'os.features': features }) }),
    );
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe(keys[3]);
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
