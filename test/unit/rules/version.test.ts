import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import semver from 'semver';
import { compareVersions, parseLabelVersion, parseSemver } from '../../../lib/rules/version.ts';

const identifier = fc.constantFrom('0', '1', '10', 'a', 'b', 'rc', '1a', '-', 'x-y');
const version = fc
  .tuple(fc.nat(11), fc.nat(11), fc.nat(11), fc.array(identifier, { maxLength: 3 }))
  .map(([a, b, c, rest]) => `${a}.${b}.${c}${rest.length > 0 ? `-${rest.join('.')}` : ''}`);

describe('parseSemver', () => {
  it.each(['1.2.3', '0.0.0', '1.2.3-rc.1', '1.2.3-0.a-b', '99999999999999999999.0.0'])('reads %s', text => {
    expect(parseSemver(text)).toBeDefined();
  });

  it.each([
    '1.2',
    '1',
    'v1.2.3',
    '01.2.3',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3+b',
    '1.2.3.4',
    '',
    ' 1.2.3',
  ])('does not read %j', text => {
    expect(parseSemver(text)).toBeUndefined();
  });

  it('reads what the semver package reads, of what a tag can hold', () => {
    fc.assert(
      fc.property(fc.oneof(version, fc.stringMatching(/^[0-9a.-]{1,10}$/)), text => {
        expect(parseSemver(text) !== undefined).toBe(semver.valid(text) === text);
      }),
    );
  });
});

describe('parseLabelVersion', () => {
  it.each([
    '7',
    'v7',
    '1.10',
    '1.2.3.4.5.6.7.8',
    '1.2.3-rc.1',
    'v1.2.3-rc.1',
    '1.2.3+b.7',
    '007',
    '1'.repeat(256),
  ])('reads %s', text => {
    expect(parseLabelVersion(text)).toBeDefined();
  });

  it.each([
    '',
    'v',
    'vv1',
    'xv1.2.3',
    '1.',
    '1.2-rc.1',
    '1.2.3.4.5.6.7.8.9',
    '1.2.3+',
    '1.2.3+a b',
    'x1.2.3+b',
    'main',
    '1'.repeat(257),
  ])('does not read %j', text => {
    expect(parseLabelVersion(text)).toBeUndefined();
  });

  it('leaves out what was built when, and keeps what it is', () => {
    expect(parseLabelVersion('v1.2.3-rc.1+build.7')).toEqual({
      numbers: [1n, 2n, 3n],
      prerelease: ['rc', '1'],
    });
    expect(parseLabelVersion('v1.10')).toEqual({ numbers: [1n, 10n], prerelease: [] });
  });
});

describe('compareVersions', () => {
  const signs = (...texts: readonly string[]) =>
    texts.slice(1).map((text, at) => compareVersions(parseSemver(texts[at]!)!, parseSemver(text)!));

  it('knows numbers from names that have digits, and puts numbers first', () => {
    const order = [
      '1.0.0-2',
      '1.0.0-10',
      '1.0.0-10a',
      '1.0.0-1a',
      '1.0.0-2a',
      '1.0.0-a1',
      '1.0.0-a10',
      '1.0.0-a2',
      '1.0.0',
    ];
    expect(signs(...order)).toEqual(Array(8).fill(-1));
    expect(signs(...order.toReversed())).toEqual(Array(8).fill(1));
  });

  it('looks at every number and every identifier', () => {
    expect(signs('1.2.3', '1.2.3', '1.2.4', '1.3.0', '2.0.0')).toEqual([0, -1, -1, -1]);
    expect(signs('1.0.0-a', '1.0.0-a.1', '1.0.0-a.2', '1.0.0-b')).toEqual([-1, -1, -1]);
    expect(signs('1.0.0-9', '1.0.0-10', '1.0.0-11', '1.0.0-a')).toEqual([-1, -1, -1]);
    expect(signs('1.0.0-20', '1.0.0-100', '1.0.0-1000')).toEqual([-1, -1]);
    expect(compareVersions(parseLabelVersion('1')!, parseLabelVersion('1.0.1')!)).toBe(-1);
    expect(compareVersions(parseLabelVersion('1.0.1')!, parseLabelVersion('1')!)).toBe(1);
  });

  it('orders as the semver package does', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(parseSemver(a)!, parseSemver(b)!))).toBe(semver.compare(a, b));
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes a missing number for 0', () => {
    expect(compareVersions(parseLabelVersion('1.2')!, parseLabelVersion('1.2.0')!)).toBe(0);
    expect(compareVersions(parseLabelVersion('2')!, parseLabelVersion('1.9.9')!)).toBe(1);
  });
});
