import { describe, expect, it } from '@jest/globals';
import type { RawLetter } from '../../../lib/deployment/dead-letter.ts';
import { type Letters, redrive } from '../../../lib/deployment/redrive.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { FUNCTIONS, rawLetter } from './a-dead-letter.ts';

/** A queue of dead letters: FIFO as SQS is, so that nothing of a group is given out while some of it is hidden. */
function aLetterBox(letters: readonly RawLetter[], batch = 10) {
  const there = new Map(letters.map(letter => [letter.id, letter]));
  const hidden = new Set<string>();
  const box: Letters = {
    box: 'work',
    async receive() {
      const blocked = new Set([...hidden].map(id => there.get(id)?.group));
      const given = [...there.values()].filter(({ group }) => !blocked.has(group)).slice(0, batch);
      for (const { id } of given) hidden.add(id);
      return given;
    },
    async remove({ id }) {
      there.delete(id);
      hidden.delete(id);
    },
    async release(shown) {
      for (const { id } of shown) hidden.delete(id);
    },
    count: async () => there.size,
  };
  return { box, there, hidden };
}
const letters = (count: number, group = 'g') =>
  Array.from({ length: count }, (_, at) => rawLetter({ at, group }, { id: `${group}${at}`, group }));
const failure = new ArchweaveError({ code: 'forbidden', attempt: 'try x again' });

const BEGAN = Date.parse('2026-11-25T12:00:00Z');
const OPTIONS = { functions: FUNCTIONS, dryRun: false, began: BEGAN };

describe('redrive', () => {
  it('sends every letter on its way, in the order of its group, and removes it', async () => {
    const { box, there, hidden } = aLetterBox([...letters(23), ...letters(2, 'h')]);
    const sent: string[] = [];
    const deliver = async ({ id }: RawLetter) => void sent.push(id);
    const redriven = await redrive({ letters: [box], ...OPTIONS, deliver });
    expect(redriven.letters.map(({ result }) => result)).toEqual(Array(25).fill('moved'));
    expect(redriven.behind).toBe(0);
    expect(sent.filter(id => id.startsWith('g'))).toEqual(letters(23).map(({ id }) => id));
    expect({ there: there.size, hidden: hidden.size }).toEqual({ there: 0, hidden: 0 });
  });

  it('only looks in a dry run, and says how many it could not see', async () => {
    const { box, there, hidden } = aLetterBox([...letters(23), ...letters(2, 'h')]);
    const deliver = async () => {
      throw new Error('it is a dry run');
    };
    const { letters: seen, behind } = await redrive({
      letters: [box],
      ...OPTIONS,
      deliver,
      dryRun: true,
    });
    expect(seen.map(({ result }) => result)).toEqual(Array(seen.length).fill('kept'));
    expect(seen.length + behind).toBe(25);
    expect({ there: there.size, hidden: hidden.size }).toEqual({ there: 25, hidden: 0 });
  });

  it('leaves a letter that comes back while it runs, instead of going round with it', async () => {
    const back = aLetterBox([rawLetter('{"v":99}', { id: 'g0', group: 'g' })]);
    const deliver = async (raw: RawLetter) => void back.there.set('g1', { ...raw, id: 'g1' });
    const options = { letters: [back.box], ...OPTIONS, deliver };
    const { letters: seen, behind } = await redrive(options);
    expect(seen).toEqual([
      expect.objectContaining({ id: 'g0', result: 'failed', error: 'it failed again at once' }),
    ]);
    expect({ behind, there: [...back.there.keys()], hidden: back.hidden.size }).toEqual({
      ...{ behind: 0, there: ['g1'], hidden: 0 },
    });
  });

  it('sends each of several that say the same, as the ticks of a clock do, and sees which one comes back', async () => {
    const tick = { source: 'archweave', clock: 'due' };
    const ticks = Array.from({ length: 12 }, (_, at) => rawLetter(tick, { id: `t${at}` }));
    const { box, there } = aLetterBox(ticks);
    const sent: string[] = [];
    const deliver = async (raw: RawLetter) => {
      sent.push(raw.id);
      if (raw.id === 't3') there.set('back', { ...raw, id: 'back', sent: BEGAN + 1 });
    };
    const { letters: seen } = await redrive({ ...OPTIONS, letters: [box], deliver });
    expect(sent).toEqual(ticks.map(({ id }) => id));
    expect(seen.filter(({ result }) => result === 'failed')).toHaveLength(1);
    expect([...there.keys()]).toEqual(['back']);
  });

  it('keeps and shows again what was not accepted, and goes on with the others', async () => {
    const { box, there, hidden } = aLetterBox([...letters(1), ...letters(1, 'h')]);
    const deliver = async ({ id }: RawLetter) => {
      if (id === 'g0') throw failure;
    };
    const { letters: seen } = await redrive({ letters: [box], ...OPTIONS, deliver });
    expect(seen.map(({ id, result, error }) => ({ id, result, error }))).toEqual([
      { id: 'g0', result: 'failed', error: failure.message },
      { id: 'h0', result: 'moved', error: undefined },
    ]);
    expect([...there.keys()]).toEqual(['g0']);
    expect(hidden.size).toBe(0);
  });

  it('loses nothing where it dies after a letter was accepted and before it was removed', async () => {
    const { box, there } = aLetterBox(letters(3));
    const sent: string[] = [];
    const dying = { ...box, remove: async () => Promise.reject(new TypeError('killed')) };
    const options = {
      ...OPTIONS,
      deliver: async ({ id }: RawLetter) => void sent.push(id),
    };
    await expect(redrive({ ...options, letters: [dying] })).rejects.toThrow('killed');
    expect({ sent, there: there.size }).toEqual({ sent: ['g0'], there: 3 });
    await redrive({ ...options, letters: [box] });
    expect({ sent, there: there.size }).toEqual({ sent: ['g0', 'g0', 'g1', 'g2'], there: 0 });
  });

  it('stops between two letters where it is told to', async () => {
    const { box, there, hidden } = aLetterBox(letters(3));
    const stop = new AbortController();
    const deliver = async () => stop.abort();
    const options = { letters: [box], ...OPTIONS, deliver, signal: stop.signal };
    await expect(redrive(options)).rejects.toThrow();
    expect({ there: there.size, hidden: hidden.size }).toEqual({ there: 2, hidden: 0 });
  });

  it('leaves what has no way to go, with the reason', async () => {
    const { box, there } = aLetterBox([rawLetter('{}')]);
    const sweeps: Letters = { ...box, box: 'sweep' };
    const deliver = async () => {};
    const { letters: seen } = await redrive({
      letters: [sweeps],
      ...OPTIONS,
      deliver,
    });
    expect(seen[0]).toMatchObject({ result: 'failed', error: expect.stringContaining('next sweep') });
    expect(there.size).toBe(1);
  });
});
