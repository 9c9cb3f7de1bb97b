import { describe, expect, it } from '@jest/globals';
import { editDistance, nearest } from '../../../lib/rules/nearest.ts';

const KEYS = ['platforms', 'optional', 'overdue', 'pin', 'partial'];

describe('nearest', () => {
  it.each([
    ['plattforms', 'platforms'],
    ['Platforms', 'platforms'],
    ['platform', 'platforms'],
    ['opitonal', 'optional'],
    ['pins', 'pin'],
  ])('finds what %s was meant to be', (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  it('takes the first of two that are as near, and the nearest wherever it stands', () => {
    expect(nearest('pina', ['pinb', 'pinc'])).toBe('pinb');
    expect(nearest('abcdef', ['abcdxy', 'abcdex', 'abcxyz'])).toBe('abcdex');
    expect(nearest('ab', ['a', 'abc'])).toBe('a');
    expect(nearest('ab', ['abcd'])).toBeUndefined();
    expect(nearest('abcdefghi', ['abcdefxyz', 'abcdewxyz'])).toBe('abcdefxyz');
    expect(nearest('abcdefghi', ['abcdewxyz'])).toBeUndefined();
    expect(nearest('abcdefgh', ['abcdefghi', 'abcdefghijkl'])).toBe('abcdefghi');
  });

  it.each(['architectures', 'x', '', 'target'])('finds nothing near %j', word => {
    expect(nearest(word, KEYS)).toBeUndefined();
  });
});

describe('editDistance', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', '')).toBe(3);
    expect(editDistance('abcd', 'acbd')).toBe(1);
    expect(editDistance('abcd', 'badc')).toBe(2);
  });

  it.each([
    ['ab', 'bb', 1],
    ['ab', 'ca', 2],
    ['ab', 'bc', 2],
    ['aab', 'aba', 1],
    ['xab', 'yba', 2],
    ['abx', 'bay', 2],
    ['ba', 'a', 1],
    ['a', 'ba', 1],
    ['aa', 'a', 1],
    ['ab', 'cd', 2],
    ['axb', 'bxa', 2],
  ])('is as large from %s to %s as back: %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });
});
