import { afterEach, describe, expect, it } from '@jest/globals';
import { turns } from '../../../lib/import/turns.ts';

const FOR_EVER = 1_000_000;

let end = new AbortController();
afterEach(() => {
  end.abort();
  end = new AbortController();
});

/** Asks for a turn, and knows whether it came. */
function asking(take: (wake: AbortSignal) => Promise<() => void>, wake = end.signal) {
  const asked = { came: false, give: () => {} };
  void take(wake).then(give => Object.assign(asked, { came: true, give }));
  return asked;
}

const settled = () => new Promise(resolve => setTimeout(resolve, 5));

describe('turns', () => {
  it('let as many through at once as were asked for, and the next when one is given back', async () => {
    const { take } = turns(2, FOR_EVER);
    const [first, second, third, fourth] = [asking(take), asking(take), asking(take), asking(take)];
    await settled();
    expect([first, second, third, fourth].map(({ came }) => came)).toEqual([true, true, false, false]);
    first.give();
    await settled();
    expect([third.came, fourth.came]).toEqual([true, false]);
  });

  it('count a turn that is given back twice once', async () => {
    const { take } = turns(1, FOR_EVER);
    const give = await take();
    give();
    give();
    const [second, third] = [asking(take), asking(take)];
    await settled();
    expect([second.came, third.came]).toEqual([true, false]);
  });

  it('let through whoever waited for long, and then nobody before both are back', async () => {
    const { take } = turns(1, 50);
    const [first, second] = [await take(), await take()];
    const third = asking(take);
    first();
    await settled();
    expect(third.came).toBe(false);
    second();
    await settled();
    expect(third.came).toBe(true);
  });

  it('keep nobody waiting who is told to stop', async () => {
    const { take } = turns(1, FOR_EVER);
    await take();
    const stop = new AbortController();
    const second = asking(take, stop.signal);
    stop.abort();
    await settled();
    expect(second.came).toBe(true);
  });
});
