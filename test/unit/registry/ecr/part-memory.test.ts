import { describe, expect, it } from '@jest/globals';
import { PartMemory } from '../../../../lib/registry/ecr/part-memory.ts';
import { memoryOf } from '../../../../lib/registry/ecr/part-size.ts';

describe('memory for parts', () => {
  it('is used again for parts of the usual size, and by one at a time', async () => {
    const parts = new PartMemory(200, 100);
    const [first, second] = [await parts.take(100), await parts.take(100)];
    expect(second!.memory).not.toBe(first!.memory);
    first!.giveBack();
    first!.giveBack();
    const third = await parts.take(100);
    expect(third!.memory).toBe(first!.memory);
    second!.giveBack();
    expect((await parts.take(100))!.memory).toBe(second!.memory);
  });

  it('has what a part takes, whatever its size', async () => {
    const parts = new PartMemory(200, 100);
    (await parts.take(100))!.giveBack();
    const small = await parts.take(3);
    expect(small!.memory).toHaveLength(memoryOf(3));
    small!.giveBack();
    const large = await parts.take(999);
    expect(large!.memory).toHaveLength(memoryOf(999));
    const left = await parts.take(1, AbortSignal.abort());
    expect(left).toBeUndefined();
  });
});
