import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../lib/image/digest.ts';
import type { Ledger, Published, Standing, TargetRef } from '../../lib/ledger/interface.ts';

const APP: TargetRef = { registry: '127.0.0.1:5000', repository: 'team/app', tag: '1.0' };
const digest = (hex: string): Digest => `sha256:${hex.repeat(64)}`;

export function publishedOf(run: number): Published {
  return {
    build: { captures: { run: String(run) } },
    required: [digest('a'), digest('b')],
    digest: digest('c'),
    at: '2026-11-22T10:01:31Z',
  };
}

export function standingOf(more: Partial<Standing> & { readonly target?: TargetRef } = {}): Standing {
  return {
    target: APP,
    rule: 'apps',
    captures: { version: '1.0' },
    state: 'waiting',
    reason: 'missing-platform',
    since: '2026-11-22T10:00:00Z',
    ...more,
  };
}

const newer = (than: number) => (stored: Published) => Number(stored.build.captures.run) > than;

/** What every ledger does. `open` gives an empty one; `close` lets go of it. */
export function ledgerContract(
  name: string,
  open: () => Promise<{ readonly ledger: Ledger; close(): Promise<void> }>,
): void {
  describe(`the ledger ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let ledger: Ledger;
    beforeEach(async () => {
      opened = await open();
      ledger = opened.ledger;
    });
    afterEach(() => opened.close());

    describe('what was published', () => {
      it('knows nothing of a target that was never published', async () => {
        expect(await ledger.published(APP)).toBeUndefined();
      });

      it('gives back what it remembers, to the last field', async () => {
        const next: Published = { ...publishedOf(1), build: { captures: { run: '1' }, newest: '7' } };
        expect(await ledger.remember(APP, next, () => false)).toEqual(next);
        expect(await ledger.published(APP)).toEqual(next);
      });

      it('remembers a baseline, which has no digest', async () => {
        const { digest: _, ...baseline } = publishedOf(1);
        await ledger.remember(APP, baseline, () => false);
        expect(await ledger.published(APP)).toEqual(baseline);
      });

      it('does not ask whether to keep what is not there', async () => {
        await ledger.remember(APP, publishedOf(1), () => {
          throw new Error('there is nothing to keep');
        });
        expect(await ledger.published(APP)).toEqual(publishedOf(1));
      });

      it('keeps what is stored where the caller says so, and answers it', async () => {
        await ledger.remember(APP, publishedOf(5), () => false);
        expect(await ledger.remember(APP, publishedOf(4), newer(4))).toEqual(publishedOf(5));
        expect(await ledger.published(APP)).toEqual(publishedOf(5));
      });

      it('replaces what is stored where the caller does not keep it', async () => {
        await ledger.remember(APP, publishedOf(5), () => false);
        expect(await ledger.remember(APP, publishedOf(6), newer(6))).toEqual(publishedOf(6));
        expect(await ledger.published(APP)).toEqual(publishedOf(6));
      });

      it('stays as it was when the caller cannot say', async () => {
        await ledger.remember(APP, publishedOf(5), () => false);
        const cannotSay = () => {
          throw new RangeError('no order');
        };
        await expect(ledger.remember(APP, publishedOf(6), cannotSay)).rejects.toThrow(RangeError);
        expect(await ledger.published(APP)).toEqual(publishedOf(5));
        await ledger.remember(APP, publishedOf(7), newer(7));
        expect(await ledger.published(APP)).toEqual(publishedOf(7));
      });

      it('ends with the greatest of many that are remembered at once', async () => {
        const runs = [3, 9, 1, 7, 2, 8, 4, 6, 5];
        await Promise.all(runs.map(run => ledger.remember(APP, publishedOf(run), newer(run))));
        expect(await ledger.published(APP)).toEqual(publishedOf(9));
      });

      it('forgets one target and no other', async () => {
        const others = [
          { ...APP, tag: '1.1' },
          { ...APP, repository: 'team/ap' },
          { ...APP, registry: 'elsewhere' },
        ];
        for (const target of [APP, ...others]) await ledger.remember(target, publishedOf(1), () => false);
        await ledger.forget(APP);
        expect(await ledger.published(APP)).toBeUndefined();
        for (const target of others) expect(await ledger.published(target)).toEqual(publishedOf(1));
      });

      it('forgets what it never knew', async () => {
        await expect(ledger.forget(APP)).resolves.toBeUndefined();
      });

      it('takes names that look like one another, or like a query, for what they are', async () => {
        const odd = [
          { registry: 'a', repository: 'b/c', tag: 'd' },
          { registry: 'a/b', repository: 'c', tag: 'd' },
          { registry: `a'; DROP TABLE published; --`, repository: '"]', tag: '%' },
        ];
        for (const [run, target] of odd.entries())
          await ledger.remember(target, publishedOf(run), () => false);
        for (const [run, target] of odd.entries()) {
          expect(await ledger.published(target)).toEqual(publishedOf(run));
        }
      });
    });

    describe('where targets stand', () => {
      it('knows nothing of a target that was never looked at', async () => {
        expect(await ledger.standing(APP)).toBeUndefined();
        expect(await ledger.history(APP, 10)).toEqual([]);
        expect(await ledger.standings()).toEqual([]);
      });

      it('gives back the last standing, to the last field', async () => {
        await ledger.record(standingOf());
        const last = standingOf({
          state: 'held',
          reason: 'mislabelled',
          dueAt: '2026-11-22T10:30:00Z',
          overdueAt: '2026-11-22T11:00:00Z',
          reported: 2,
        });
        await ledger.record(last);
        expect(await ledger.standing(APP)).toEqual(last);
      });

      it('lists all standings, those of a registry, and those of a repository, in the order of their names', async () => {
        const at = (registry: string, repository: string, tag: string) =>
          standingOf({ target: { registry, repository, tag } });
        const [b2, a, b1, c] = [at('r', 'b', '2'), at('r', 'a', '1'), at('r', 'b', '1'), at('s', 'b', '1')];
        for (const one of [b2, a, b1, c]) await ledger.record(one!);
        expect(await ledger.standings()).toEqual([a, b1, b2, c]);
        expect(await ledger.standings({ registry: 'r' })).toEqual([a, b1, b2]);
        expect(await ledger.standings({ registry: 'r', repository: 'b' })).toEqual([b1, b2]);
        expect(await ledger.standings({ repository: 'b' })).toEqual([b1, b2, c]);
        expect(await ledger.standings({ registry: 'nobody' })).toEqual([]);
      });
    });

    describe('history', () => {
      it('has the newest entry first and as many as were asked for', async () => {
        for (let n = 1; n <= 5; n += 1) {
          await ledger.record(standingOf(), { at: `2026-11-22T10:00:0${n}Z`, event: `step ${n}` });
        }
        const two = await ledger.history(APP, 2);
        expect(two.map(({ event }) => event)).toEqual(['step 5', 'step 4']);
      });

      it('is not added to by a standing without an entry', async () => {
        await ledger.record(standingOf(), { at: '2026-11-22T10:00:00Z', event: 'one', digest: digest('d') });
        await ledger.record(standingOf({ state: 'held' }));
        expect(await ledger.history(APP, 10)).toEqual([
          { at: '2026-11-22T10:00:00Z', event: 'one', digest: digest('d') },
        ]);
      });

      it('keeps the last 50 entries of a target and takes none from another', async () => {
        const other = { ...APP, tag: '1.1' };
        await ledger.record(standingOf({ target: other }), { at: '2026-11-22T09:00:00Z', event: 'other' });
        for (let n = 1; n <= 120; n += 1) {
          await ledger.record(standingOf(), { at: '2026-11-22T10:00:00Z', event: `step ${n}` });
        }
        const kept = await ledger.history(APP, 1_000);
        expect(kept).toHaveLength(50);
        expect(kept.at(-1)?.event).toBe('step 71');
        expect(await ledger.history(other, 10)).toHaveLength(1);
      });
    });

    describe('what is due', () => {
      const tagged = (tag: string, more: Partial<Standing>) =>
        standingOf({ target: { ...APP, tag }, ...more });
      const tagsDue = async (now: string, limit = 100) =>
        (await ledger.due(now, limit)).map(({ target }) => target.tag);

      it('is what has a deadline at or before now, oldest first', async () => {
        await ledger.record(tagged('later', { dueAt: '2026-11-22T10:00:01Z' }));
        await ledger.record(tagged('now', { dueAt: '2026-11-22T10:00:00Z' }));
        await ledger.record(tagged('before', { dueAt: '2026-11-22T09:00:00Z' }));
        await ledger.record(tagged('never', {}));
        expect(await tagsDue('2026-11-22T10:00:00Z')).toEqual(['before', 'now']);
      });

      it('has an overdue target until that was reported, then only at its next deadline', async () => {
        const overdueAt = '2026-11-22T10:00:00Z';
        await ledger.record(tagged('a', { overdueAt }));
        expect(await tagsDue('2026-11-22T09:59:59Z')).toEqual([]);
        expect(await tagsDue('2026-11-22T10:00:00Z')).toEqual(['a']);
        await ledger.record(tagged('a', { overdueAt, reported: 1, dueAt: '2026-11-23T10:00:00Z' }));
        expect(await tagsDue('2026-11-22T10:00:00Z')).toEqual([]);
        expect(await tagsDue('2026-11-23T10:00:00Z')).toEqual(['a']);
      });

      it('goes by the earlier of two deadlines', async () => {
        await ledger.record(
          tagged('a', { dueAt: '2026-11-22T10:00:00Z', overdueAt: '2026-11-22T12:00:00Z' }),
        );
        await ledger.record(
          tagged('b', { dueAt: '2026-11-22T12:00:00Z', overdueAt: '2026-11-22T09:00:00Z' }),
        );
        expect(await tagsDue('2026-11-22T11:00:00Z')).toEqual(['b', 'a']);
      });

      it('compares moments, not the letters that write them', async () => {
        await ledger.record(tagged('zone', { dueAt: '2026-11-22T12:00:00+02:00' }));
        await ledger.record(tagged('millis', { dueAt: '2026-11-22T10:00:00.500Z' }));
        expect(await tagsDue('2026-11-22T10:00:00Z')).toEqual(['zone']);
        expect(await tagsDue('2026-11-22T10:00:01Z')).toEqual(['zone', 'millis']);
      });

      it('is no more than asked for, and drops out once the deadline is gone', async () => {
        for (const n of [1, 2, 3]) await ledger.record(tagged(`t${n}`, { dueAt: `2026-11-22T0${n}:00:00Z` }));
        expect(await tagsDue('2026-11-22T10:00:00Z', 2)).toEqual(['t1', 't2']);
        await ledger.record(tagged('t1', { state: 'published' }));
        expect(await tagsDue('2026-11-22T10:00:00Z', 2)).toEqual(['t2', 't3']);
      });
    });
  });
}
