import { describe, expect, it } from '@jest/globals';
import { isRepositoryName, isTag } from '../../../lib/image/names.ts';

describe('the name of a repository', () => {
  it.each(['a', 'team/app', 'a.b_c__d-e---f/0', 'manifests/blobs/uploads', 'a'.repeat(255)])(
    'may be %s',
    name => {
      expect(isRepositoryName(name)).toBe(true);
    },
  );

  it.each([
    '',
    'A',
    '/a',
    'a/',
    'a//b',
    '-a',
    'a-',
    'a..b',
    'a___b',
    'a._b',
    '..',
    '../etc',
    'a/../b',
    'a b',
    'a%2fb',
    'ä',
    'a\n',
    'a'.repeat(256),
  ])('is not %j', name => {
    expect(isRepositoryName(name)).toBe(false);
  });
});

describe('a tag', () => {
  it.each(['1', '_', 'v1.2.3-rc.1', 'Latest', 'a'.repeat(128)])('may be %s', tag => {
    expect(isTag(tag)).toBe(true);
  });

  it.each(['', '.a', '-a', 'a+b', 'a/b', 'a:b', 'a\n', 'a'.repeat(129)])('is not %j', tag => {
    expect(isTag(tag)).toBe(false);
  });
});
