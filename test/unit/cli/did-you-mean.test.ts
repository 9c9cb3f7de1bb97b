import { describe, expect, it } from '@jest/globals';
import { didYouMean, editDistance, nearest } from '../../../lib/cli/did-you-mean.ts';

describe('didYouMean', () => {
  it.each([
    ['exlpain', 'explain'],
    ['lst', 'list'],
    ['INSPECT', 'inspect'],
    ['--jsn', '--json'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['explain', 'inspect', 'list', '--json', '--quiet'])).toBe(meant);
  });

  it('says nothing where nothing is near', () => {
    expect(didYouMean('deploy', ['explain', 'list'])).toBe('');
    expect(didYouMean('', ['explain', 'list'])).toBe('');
    expect(didYouMean('lits', ['explain', 'list'])).toBe(' Did you mean "list"?');
  });

  it('counts a swap of neighbours as one edit', () => {
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
  });
});
