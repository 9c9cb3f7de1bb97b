import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesGlob } from '../../../lib/rules/glob.ts';
import { patternsMeet } from '../../../lib/rules/patterns-meet.ts';

describe('patternsMeet', () => {
  it.each([
    ['team/*', 'team/app', true],
    ['team/*', '*/app', true],
    ['team/*', 'other/*', false],
    ['a*b', 'a*c', false],
    ['a*c', 'ab*c', true],
    ['*', '', true],
    ['', 'a', false],
    ['a*b*c', 'ac', false],
    ['*-a', 'b-*', true],
  ])('answers for %j and %j with %j', (a, b, expected) => {
    expect(patternsMeet(a, b)).toBe(expected);
    expect(patternsMeet(b, a)).toBe(expected);
  });

  it('finds each text that both patterns match', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 9 });
    fc.assert(
      fc.property(pattern, pattern, text, (a, b, both) => {
        if (matchesGlob(a, both) && matchesGlob(b, both)) expect(patternsMeet(a, b)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it('finds none for patterns that no short text matches', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 4 });
    const texts = [''];
    for (const text of texts) if (text.length < 8) texts.push(`${text}a`, `${text}b`);
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const some = texts.some(text => matchesGlob(a, text) && matchesGlob(b, text));
        expect(patternsMeet(a, b)).toBe(some);
      }),
    );
  });
});
