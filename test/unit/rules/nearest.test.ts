import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../../lib/rules/nearest.ts';

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
