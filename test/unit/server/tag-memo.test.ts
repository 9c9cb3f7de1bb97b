import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../../lib/image/digest.ts';
import { TagMemo } from '../../../lib/server/tag-memo.ts';

const digest = (hex: string): Digest => `sha256:${hex.repeat(64)}`;
const tags = (...names: string[]) => new Map(names.map(name => [name, digest('a')]));

describe('TagMemo', () => {
  it('holds what was seen last, and nothing of what it never saw', () => {
    const memo = new TagMemo();
    memo.replace('app', tags('1', '2'));
    memo.replace('app', tags('2', '3'));
    expect([...memo.tags('app')!.keys()]).toEqual(['2', '3']);
    expect(memo.tags('other')).toBeUndefined();
    expect(memo.repositories()).toEqual(['app']);
  });

  it('takes over what an event told of a repository that was swept', () => {
    const memo = new TagMemo();
    memo.note('app', '1', digest('b'));
    expect(memo.tags('app')).toBeUndefined();
    memo.replace('app', tags('1', '2'));
    memo.note('app', '1', digest('b'));
    memo.note('app', '2', undefined);
    memo.note('app', '3', digest('c'));
    expect([...memo.tags('app')!]).toEqual([
      ['1', digest('b')],
      ['3', digest('c')],
    ]);
  });

  it('is not changed by what becomes of the map it was given', () => {
    const memo = new TagMemo();
    const seen = tags('1');
    memo.replace('app', seen);
    seen.clear();
    expect(memo.tags('app')!.size).toBe(1);
  });

  it('never holds more than its limit, and holds again after something was forgotten', () => {
    const memo = new TagMemo(3);
    memo.replace('a', tags('1', '2'));
    memo.replace('b', tags('1', '2'));
    expect(memo.repositories()).toEqual(['a']);
    memo.note('a', '3', digest('b'));
    memo.note('a', '4', digest('b'));
    expect(memo.tags('a')!.size).toBe(3);
    memo.note('a', '1', undefined);
    memo.forget('a');
    memo.forget('a');
    memo.replace('b', tags('1', '2', '3'));
    expect(memo.repositories()).toEqual(['b']);
  });
});
