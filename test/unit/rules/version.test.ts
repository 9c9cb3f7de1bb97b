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

describe('compareVersions', () => {
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
