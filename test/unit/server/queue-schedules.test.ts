import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { settled } from '../../support/manual-timers.ts';
import { type Pass, transient, wordQueue } from '../../support/word-queue.ts';

it('the queue never has two passes of one key, and answers each wake-up by a pass that began after it came', async () => {
  const events = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constantFrom('end' as const, 'fail' as const), at: fc.nat(5) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 1_000, 5_000, 60_000) }),
    ),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 3 }), async (steps, concurrency) => {
      const { queue, timers, passes, givenUp } = wordQueue({ concurrency });
      const open = new Set<Pass>();
      const seen = { passes: 0 };
      const answered = new Set<string>();
      const added: string[] = [];
      const notice = () => {
        for (; seen.passes < passes.length; seen.passes += 1) {
          const pass = passes[seen.passes]!;
          const key = (one: Pass) => one.batch[0]!.split('-')[0];
          for (const other of open) expect(key(other)).not.toBe(key(pass));
          open.add(pass);
        }
        expect(open.size).toBeLessThanOrEqual(concurrency);
      };
      const close = async (pass: Pass, failing: boolean) => {
        open.delete(pass);
        if (failing) await pass.fail(transient());
        else {
          for (const word of pass.batch) answered.add(word);
          await pass.end();
        }
        notice();
      };
      for (const step of steps) {
        if (step.kind === 'add') {
          added.push(`${step.key}-${added.length}`);
          queue.add(added.at(-1)!);
        } else if (step.kind === 'wait') await timers.pass(step.ms);
        else {
          const pass = [...open][step.at % Math.max(1, open.size)];
          if (pass) await close(pass, step.kind === 'fail');
        }
        await settled();
        notice();
      }
      for (let rounds = 0; queue.size > 0; rounds += 1) {
        expect(rounds).toBeLessThan(500);
        for (const pass of open) await close(pass, false);
        await timers.pass(120_000);
        notice();
      }
      for (const { batch } of givenUp) for (const word of batch) answered.add(word);
      expect([...answered].toSorted()).toEqual(added.toSorted());
      await queue.idle();
    }),
    { numRuns: 200 },
  );
});
