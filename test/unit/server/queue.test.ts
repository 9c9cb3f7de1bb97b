import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { BACK_OFF, LONGEST_REST } from '../../../lib/server/queue.ts';
import { settled } from '../../support/manual-timers.ts';
import { transient, wordQueue } from '../../support/word-queue.ts';

describe('the queue of wake-ups', () => {
  it('answers those that come together by one pass, in their order', async () => {
    const { queue, batches } = wordQueue();
    for (const word of ['a-1', 'a-2', 'a-3']) queue.add(word);
    await settled();
    expect(batches()).toEqual([['a-1', 'a-2', 'a-3']]);
  });

  it('starts another pass for what comes while one of its key runs, and only one', async () => {
    const { queue, passes, batches } = wordQueue();
    queue.add('a-1');
    await settled();
    queue.add('a-2');
    queue.add('a-3');
    await settled();
    expect(batches()).toEqual([['a-1']]);
    await passes[0]!.end();
    expect(batches()).toEqual([['a-1'], ['a-2', 'a-3']]);
  });

  it('works on different keys side by side, up to its limit, the longest waiting first', async () => {
    const { queue, passes, batches } = wordQueue({ concurrency: 2 });
    for (const word of ['a-1', 'b-1', 'c-1', 'd-1', 'c-2']) queue.add(word);
    await settled();
    expect(batches()).toEqual([['a-1'], ['b-1']]);
    await passes[1]!.end();
    expect(batches()).toEqual([['a-1'], ['b-1'], ['c-1', 'c-2']]);
    await passes[0]!.end();
    expect(batches()).toEqual([['a-1'], ['b-1'], ['c-1', 'c-2'], ['d-1']]);
  });

  it('does not let a busy key starve another', async () => {
    const { queue, passes, batches } = wordQueue({ concurrency: 1 });
    queue.add('a-1');
    await settled();
    queue.add('b-1');
    queue.add('a-2');
    await passes[0]!.end();
    expect(batches()).toEqual([['a-1'], ['b-1']]);
  });

  it('tries again after 50 ms, 250 ms, 1 s, 5 s, 15 s, 45 s and 2 min, then gives up and says so', async () => {
    const { queue, timers, passes, givenUp } = wordQueue();
    queue.add('a-1');
    await settled();
    const waits: (number | undefined)[] = [];
    const error = transient();
    for (let attempt = 0; attempt < BACK_OFF.length; attempt += 1) {
      expect(passes[attempt]).toMatchObject({ batch: ['a-1'], attempt });
      await passes[attempt]!.fail(error);
      waits.push(timers.next);
      await timers.pass(timers.next! - 1);
      expect(passes).toHaveLength(attempt + 1);
      await timers.pass(1);
    }
    expect(waits).toEqual([50, 250, 1_000, 5_000, 15_000, 45_000, 120_000]);
    expect(givenUp).toEqual([]);
    await passes[BACK_OFF.length]!.fail(error);
    expect(givenUp).toEqual([{ batch: ['a-1'], error }]);
    expect([queue.size, timers.count]).toEqual([0, 0]);
  });

  it('gives up at once what cannot work later either, and goes on with what came since', async () => {
    const { queue, timers, passes, givenUp, batches } = wordQueue();
    queue.add('a-1');
    await settled();
    queue.add('a-2');
    const error = new ArchweaveError({ code: 'forbidden', attempt: 'write' });
    await passes[0]!.fail(error);
    expect(givenUp).toEqual([{ batch: ['a-1'], error }]);
    expect(batches()).toEqual([['a-1'], ['a-2']]);
    expect(timers.count).toBe(0);
  });

  it('tries an error again that nobody has a name for', async () => {
    const { queue, timers, passes, givenUp } = wordQueue();
    queue.add('a-1');
    await settled();
    await passes[0]!.fail(new TypeError('a bug'));
    await timers.pass(1_000);
    expect([passes.length, givenUp.length]).toEqual([2, 0]);
  });

  it('lets a new wake-up end the rest, and takes the old one along', async () => {
    const { queue, timers, passes, batches } = wordQueue();
    queue.add('a-1');
    await settled();
    await passes[0]!.fail(transient());
    queue.add('a-2');
    await settled();
    expect(batches()).toEqual([['a-1'], ['a-1', 'a-2']]);
    expect([passes[1]!.attempt, timers.count]).toEqual([0, 0]);
  });

  it('counts the failures of each wake-up, so that a new one does not end with an old one', async () => {
    const { queue, passes, givenUp } = wordQueue();
    queue.add('a-0');
    await settled();
    for (let n = 1; n <= BACK_OFF.length + 1; n += 1) {
      queue.add(`a-${n}`);
      await passes.at(-1)!.fail(transient());
    }
    expect(givenUp.map(({ batch }) => batch)).toEqual([['a-0']]);
    expect(passes.at(-1)!.batch).toEqual(
      BACK_OFF.map((_, n) => `a-${n + 1}`).concat(`a-${BACK_OFF.length + 1}`),
    );
  });

  it('waits as long as the registry asked, whatever comes meanwhile', async () => {
    const { queue, timers, passes, batches } = wordQueue();
    queue.add('a-1');
    await settled();
    queue.add('a-2');
    await passes[0]!.fail(transient({ code: 'throttled', retryAfter: 30 }));
    queue.add('a-3');
    await timers.pass(29_999);
    expect(batches()).toEqual([['a-1']]);
    await timers.pass(1);
    expect(batches()).toEqual([['a-1'], ['a-1', 'a-2', 'a-3']]);
  });

  it.each([86_400, 999_999_999])(
    'does not rest for days because a registry asks for %d s',
    async retryAfter => {
      const { queue, timers, passes } = wordQueue();
      queue.add('a-1');
      await settled();
      await passes[0]!.fail(transient({ code: 'throttled', retryAfter }));
      expect(timers.next).toBe(LONGEST_REST);
    },
  );

  it('does not shorten its own rest by a small wish', async () => {
    const { queue, timers, passes } = wordQueue();
    queue.add('a-1');
    await settled();
    for (const [attempt, rest] of [50, 250, 1_000].entries()) {
      await passes[attempt]!.fail(transient());
      await timers.pass(rest);
    }
    await passes[3]!.fail(transient({ retryAfter: 1 }));
    expect(timers.next).toBe(5_000);
  });

  it('does not let a resting key take the place of others', async () => {
    const { queue, passes, batches } = wordQueue({ concurrency: 1 });
    queue.add('a-1');
    await settled();
    await passes[0]!.fail(transient());
    queue.add('b-1');
    await settled();
    expect(batches()).toEqual([['a-1'], ['b-1']]);
  });

  it('is idle when nothing runs, waits or rests, and counts what is in hand', async () => {
    const { queue, timers, passes } = wordQueue({ concurrency: 1 });
    await queue.idle();
    let idle = false;
    for (const word of ['a-1', 'a-2', 'b-1']) queue.add(word);
    void queue.idle().then(() => {
      idle = true;
    });
    await settled();
    expect([queue.size, idle]).toEqual([3, false]);
    await passes[0]!.fail(transient());
    await passes[1]!.end();
    expect([queue.size, idle]).toEqual([2, false]);
    await timers.pass(1_000);
    await passes[2]!.end();
    expect([queue.size, idle]).toEqual([0, true]);
  });

  it('stops after what runs and waits, without retries, and takes nothing more', async () => {
    const { queue, timers, passes, batches } = wordQueue({ concurrency: 2 });
    for (const word of ['a-1', 'b-1', 'c-1']) queue.add(word);
    await settled();
    await passes[0]!.fail(transient());
    let stopped = false;
    const stop = queue.stop().then(() => {
      stopped = true;
    });
    expect(queue.add('d-1')).toBe(false);
    await passes[1]!.fail(transient());
    expect(stopped).toBe(false);
    await passes[2]!.end();
    await stop;
    expect(batches()).toEqual([['a-1'], ['b-1'], ['c-1']]);
    expect([queue.size, timers.count]).toEqual([0, 0]);
  });
});
