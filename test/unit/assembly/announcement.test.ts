import { describe, expect, it } from '@jest/globals';
import { announcementOf, type Change } from '../../../lib/assembly/announcement.ts';
import type { Outcome } from '../../../lib/assembly/report.ts';
import type { Standing } from '../../../lib/ledger/interface.ts';
import { digest } from './a-question.ts';
import { START } from './a-world.ts';

const TARGET = { registry: 'r.example', repository: 'app', tag: '1.0' };
const HOUR_AGO = '2026-11-22T09:00:00Z';

function change(
  over: Partial<Omit<Change, 'outcome'>> & {
    outcome?: Partial<Omit<Outcome, 'group'>>;
    group?: Partial<Outcome['group']>;
  } = {},
): Change {
  const { outcome, group, ...more } = over;
  const told = { platforms: ['linux/amd64', 'linux/arm64'], since: null, ...group } as Outcome['group'];
  const cause = { source: 'event', id: 'a', time: HOUR_AGO } as const;
  return {
    outcome: { target: TARGET, state: 'published', reasons: [], group: told, cause, ...outcome },
    before: undefined,
    changed: true,
    overdue: false,
    now: START,
    ...more,
  };
}

function standing(over: Partial<Standing>): Standing {
  return {
    target: TARGET,
    rule: 'x',
    captures: {},
    state: 'waiting',
    since: HOUR_AGO,
    reason: 'partial',
    ...over,
  };
}

const HELD = { state: 'held', reasons: [{ code: 'refused', why: 'so it is' }] } as const;

describe('announcementOf', () => {
  it('tells what is published, and what was there before', () => {
    const outcome = { digest: digest('a'), previous: digest('b') };
    const told = announcementOf(change({ outcome }));
    expect(told).toMatchObject({
      type: 'Index Published',
      message: `app:1.0 is published for linux/amd64 linux/arm64: r.example/app@${digest('a')}`,
      target: TARGET,
      digest: digest('a'),
      previousDigest: digest('b'),
    });
    expect(told).not.toHaveProperty('resolves');
    const first = announcementOf(change());
    expect(first).not.toHaveProperty('digest');
    expect(first).not.toHaveProperty('previousDigest');
  });

  it('tells which trouble is over', () => {
    const once = (over: Partial<Standing>) => announcementOf(change({ before: standing(over) }));
    expect(once({ state: 'held' })).toMatchObject({
      resolves: 'held',
      message: 'app:1.0 is published for linux/amd64 linux/arm64; it was held for 1 h (partial)',
    });
    expect(once({ reported: 1 })).toMatchObject({ resolves: 'overdue' });
    expect(once({ reported: 0 })).not.toHaveProperty('resolves');
    expect(once({})?.message).toMatch(/arm64: r\.example/);
  });

  it('tells a plan and a hold once', () => {
    const planned = { state: 'planned' } as const;
    expect(announcementOf(change({ outcome: planned }))).toMatchObject({
      type: 'Index Planned',
      message: 'app:1.0 would be published for linux/amd64 linux/arm64',
    });
    expect(announcementOf(change({ outcome: HELD }))).toMatchObject({
      type: 'Index Held',
      message: 'app:1.0 is held: the registry refuses this index: so it is.',
    });
    for (const outcome of [planned, HELD])
      expect(announcementOf(change({ outcome, changed: false }))).toBeUndefined();
  });

  it('says what a held tag keeps, and nothing where no reason is known', () => {
    expect(announcementOf(change({ outcome: HELD, group: { keeps: 'build 9f3c1e2' } }))?.message).toBe(
      'app:1.0 is held: the registry refuses this index: so it is. The tag keeps build 9f3c1e2.',
    );
    expect(announcementOf(change({ outcome: { state: 'held' } }))?.message).toBe('app:1.0 is held: .');
  });

  it('tells what is overdue, and since when where that is known', () => {
    const outcome = { ...HELD, state: 'waiting' } as const;
    expect(announcementOf(change({ outcome, overdue: true, group: { since: HOUR_AGO } }))).toMatchObject({
      type: 'Index Overdue',
      message: 'app:1.0 is overdue: the registry refuses this index: so it is since 1 h',
    });
    expect(announcementOf(change({ outcome, overdue: true }))?.message).toMatch(/so it is$/);
    expect(announcementOf(change({ outcome }))).toBeUndefined();
  });
});
