import { expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import { createSweep } from '../../../lib/server/sweep.ts';
import { ruleOf } from '../../support/rule.ts';

it('the first sweep takes what was pushed since archweave is here for new, and the rest for old', async () => {
  const woken: string[] = [];
  const digest = digestOf(Buffer.from('image'));
  const sweep = createSweep({
    registry: 'r',
    reader: {
      async *listTags() {
        yield ['1-amd64', '2-amd64', '2-arm64'].map(tag => ({ tag, digest }));
      },
      async *listRepositories() {
        yield ['app'];
      },
      resolveReferences: async () => new Map(),
    },
    rules: [ruleOf('r')],
    wake: wakeUp => woken.push(`${wakeUp.kind === 'verify' ? wakeUp.target : ''} ${wakeUp.cause.source}`),
    now: () => 0,
  });
  const time = '2026-11-22T10:00:00Z';
  sweep.note({ registry: 'r', repository: 'app', tag: '2-arm64', digest, action: 'push', time, id: '1' });
  await sweep.run({ first: true });
  expect(woken.toSorted()).toEqual(['1 first-sweep', '2 sweep']);
});
