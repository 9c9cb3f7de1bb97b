import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../lib/rules/glob.ts';

describe('matchesGlob', () => {
  it.each([
    ['team/*', 'team/app', true],
    ['team/*', 'team/a/b/c', true],
    ['team/*', 'team/', true],
    ['team/*', 'team', false],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'aXbXbYc', true],
    ['a*b*c', 'acb', false],
    ['a*b*c', 'aXc', false],
    ['a*b*b', 'ab', false],
    ['a*b*b', 'abb', true],
    ['a*bc*cd', 'abcd', false],
    ['a*bc*bc*d', 'abcXd', false],
    ['a*bc*bc*d', 'abcXbcd', true],
    ['a*bb*bb*d', 'abbbd', false],
    ['a*bb*bb*d', 'abbbbd', true],
    ['*b*', 'abc', true],
    ['*d*', 'abc', false],
    ['**', 'anything', true],
    ['*-debug', '1.0-debug', true],
    ['*-debug', '1.0-debugger', false],
    ['1.?', '1.0', false],
    ['1.0', '1x0', false],
    ['app', 'App', false],
  ])('answers %j for %j with %j', (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });

  it('agrees with a regular expression made of the same pattern', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*'), maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, (pattern, spelt) => {
        const text = spelt.replaceAll('*', '');
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's');
        expect(matchesGlob(pattern, text)).toBe(expression.test(text));
      }),
    );
  });

  it('takes no exponential time over a pattern that almost fits', () => {
    const started = process.cpuUsage();
    expect(matchesGlob(`${'*a'.repeat(2_000)}b`, 'a'.repeat(20_000))).toBe(false);
    // Its own time, whatever else the machine does.
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });
});
