import { describe, expect, it } from '@jest/globals';
import { ByteBudget } from '../../../../lib/registry/ecr/byte-budget.ts';

const settled = () => new Promise(resolve => setImmediate(resolve));

describe('a budget of bytes', () => {
  /** Takes shares in turn, and notes whose has begun. */
  function taking(budget: ByteBudget) {
    const begun: string[] = [];
    const take = async (name: string, bytes: number, wake?: AbortSignal) => {
      const giveBack = await budget.take(bytes, wake);
      begun.push(giveBack === undefined ? `${name} has left` : name);
      return giveBack ?? (() => {});
    };
    return { begun, take };
  }

  it('lets in what fits, and the others in the order in which they came', async () => {
    const { begun, take } = taking(new ByteBudget(10));
    const first = await take('first', 6);
    const second = take('second', 6);
    const small = take('small', 1);
    await settled();
    expect(begun).toEqual(['first']);
    first();
    await Promise.all([second, small]);
    expect(begun).toEqual(['first', 'second', 'small']);
  });

  it('gives a share back once, however often that is said', async () => {
    const { begun, take } = taking(new ByteBudget(10));
    const first = await take('first', 5);
    const second = await take('second', 5);
    first();
    first();
    await take('third', 5);
    const fourth = take('fourth', 5);
    await settled();
    expect(begun).toEqual(['first', 'second', 'third']);
    second();
    await fourth;
  });

  it('lets in what is larger than all of it, alone', async () => {
    const { begun, take } = taking(new ByteBudget(10));
    const first = await take('first', 1);
    const large = take('large', 99);
    await settled();
    expect(begun).toEqual(['first']);
    first();
    const giveBack = await large;
    const last = take('last', 1);
    await settled();
    expect(begun).toEqual(['first', 'large']);
    giveBack();
    await last;
  });

  it('keeps nobody waiting who has left, nor those behind', async () => {
    const { begun, take } = taking(new ByteBudget(10));
    const first = await take('first', 5);
    const leaving = new AbortController();
    const second = take('second', 6, leaving.signal);
    const third = take('third', 5);
    leaving.abort();
    await Promise.all([second, third]);
    await take('fourth', 1, leaving.signal);
    expect(begun).toEqual(['first', 'second has left', 'third', 'fourth has left']);
    first();
    await take('fifth', 5);
    expect(begun.at(-1)).toBe('fifth');
  });
});
