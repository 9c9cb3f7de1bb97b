import { describe, expect, it } from '@jest/globals';
import { coversScope, formatScope, mergeScopes, parseScope } from '../../../../lib/registry/oci/scope.ts';

describe('a scope', () => {
  it('is written in one order, each resource once', () => {
    const scope = parseScope('repository:b:push,pull repository:a:pull repository:b:delete');
    expect(formatScope(scope)).toEqual(['repository:a:pull', 'repository:b:delete,pull,push']);
  });

  it('may be of a repository with a port in its name', () => {
    expect(formatScope(parseScope('repository:host:5000/app:pull'))).toEqual([
      'repository:host:5000/app:pull',
    ]);
  });

  it('leaves out what is none', () => {
    expect(formatScope(parseScope('  nonsense :pull '))).toEqual([]);
  });

  it('merges with another', () => {
    const merged = mergeScopes(
      parseScope('repository:a:pull'),
      parseScope('repository:a:push repository:b:pull'),
    );
    expect(formatScope(merged)).toEqual(['repository:a:pull,push', 'repository:b:pull']);
  });

  it.each([
    ['repository:a:pull,push', 'repository:a:pull', true],
    ['repository:a:pull', 'repository:a:pull,push', false],
    ['repository:a:*', 'repository:a:delete', true],
    ['repository:a:pull', 'repository:b:pull', false],
    ['repository:a:pull', '', true],
  ])('of %j covers that of %j: %j', (have, want, covers) => {
    expect(coversScope(parseScope(have), parseScope(want))).toBe(covers);
  });
});
