import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  contradicts,
  normalisePlatform,
  type Platform,
  parsePlatform,
  samePlatform,
  satisfies,
} from '../../../lib/image/platform.ts';
import { anyPlatform } from './arbitraries.ts';

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) throw new Error(`${text} is no platform`);
  return parsed;
}

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
