import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import { createSweep } from '../../../lib/server/sweep.ts';
import { ruleOf } from '../../support/rule.ts';

const HOUR = 3_600_000;

describe('a sweep where no tag has changed', () => {
  it('looks once an hour at what is in trouble, and once a day at everything', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    const woken: string[] = [];
    const digest = digestOf(Buffer.from('image'));
    const sweep = createSweep({
      registry: 'r',
      reader: {
        async *listTags() {
          yield [
            { tag: '1-amd64', digest },
            { tag: '2-amd64', digest },
          ];
        },
        async *listRepositories() {
          yield ['app'];
        },
        resolveReferences: async () => new Map(),
      },
      rules: [ruleOf('r')],
      wake: wakeUp => woken.push(wakeUp.kind === 'verify' ? wakeUp.target : 'group'),
      now: () => now,
      troubled: async () => ['2'],
    });
    const awake = async (hours: number) => {
      now += hours * HOUR;
      woken.splice(0);
      await sweep.run({ first: false });
      return woken.toSorted();
    };
    expect(await awake(0)).toEqual(['1', '2']);
    expect(await awake(0.9)).toEqual([]);
    expect(await awake(0.1)).toEqual(['2']);
    expect(await awake(0.5)).toEqual([]);
    expect(await awake(22.5)).toEqual(['1', '2']);
    expect(await awake(0.5)).toEqual([]);
  });
});
