import { describe, expect, it } from '@jest/globals';
import { didYouMean } from '../../../lib/cli/did-you-mean.ts';

describe('didYouMean', () => {
  it.each([
    ['exlpain', 'explain'],
    ['lst', 'list'],
    ['INSPECT', 'inspect'],
    ['--jsn', '--json'],
  ])('takes %s for %s', (word, meant) => {
    const words = ['explain', 'inspect', 'list', '--json', '--quiet'];
    expect(didYouMean(word, words)).toBe(` Did you mean "${meant}"?`);
  });

  it('says nothing where nothing is near', () => {
    expect(didYouMean('deploy', ['explain', 'list'])).toBe('');
    expect(didYouMean('', ['explain', 'list'])).toBe('');
    expect(didYouMean('lits', ['explain', 'list'])).toBe(' Did you mean "list"?');
  });
});
