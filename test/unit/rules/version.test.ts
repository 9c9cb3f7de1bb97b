import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import semver from 'semver';
import { compareVersions, parseLabelVersion, parseSemver } from '../../../lib/rules/version.ts';

const number = fc.oneof(fc.nat(12), fc.nat());
const identifier = fc.oneof(
  number.map(String),
  fc.stringMatching(/^[0-9A-Za-z-]{1,6}$/).filter(text => !/^0[0-9]+$/.test(text)),
);
const version = fc
  .tuple(number, number, number, fc.array(identifier, { maxLength: 3 }))
  .map(
    ([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre.length > 0 ? `-${pre.join('.')}` : ''}`,
  );

describe('versions', () => {
  it('are ordered as the semver package orders them', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(parseSemver(a)!, parseSemver(b)!))).toBe(semver.compare(a, b));
      }),
    );
  });

  it('are read where the semver package reads them, but for a v and build metadata', () => {
    const nearly = fc.oneof(version, fc.stringMatching(/^[0-9.a-z-]{1,12}$/));
    fc.assert(
      fc.property(nearly, text => {
        const theirs = !/^\s|^[v=]|\+/.test(text) && semver.valid(text) !== null;
        expect(parseSemver(text) !== undefined).toBe(theirs);
      }),
    );
  });

  it('of labels may be numbers, dotted numbers, and begin with a v', () => {
    const order = (a: string, b: string) => compareVersions(parseLabelVersion(a)!, parseLabelVersion(b)!);
    expect(order('9', '10')).toBeLessThan(0);
    expect(order('1.10', '1.9')).toBeGreaterThan(0);
    expect(order('v2', '2.0')).toBe(0);
    expect(order('1.0.0-rc.1+abc', 'v1.0.0')).toBeLessThan(0);
    expect(order('99999999999999999999', '99999999999999999998')).toBeGreaterThan(0);
    expect(parseLabelVersion('latest')).toBeUndefined();
    expect(parseLabelVersion('1'.repeat(257))).toBeUndefined();
  });
});
