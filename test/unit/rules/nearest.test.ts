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

  it.each(['architectures', 'x', '', 'target'])('finds nothing near %j', word => {
    expect(nearest(word, KEYS)).toBeUndefined();
  });
});

describe('editDistance', () => {
  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
