import { describe, expect, it } from '@jest/globals';
import { exitOf, summaryOf } from '../../../lib/cli/plan-summary.ts';
import { planLines } from '../../../lib/cli/tell-plan.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import type { RegistryPlan } from '../../../lib/plan/plan-registry.ts';
import type { Planned } from '../../../lib/plan/planned.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const DIGEST = (letter: string) => `sha256:${letter.repeat(64)}` as const;

function one(
  tag: string,
  action: Planned['action'],
  over: Partial<Planned['group']> = {},
  platforms = ['linux/amd64'],
) {
  const state = action === 'new' || action === 'change' ? 'publish' : action;
  const group = {
    ...{
      target: [`r/app:${tag}`],
      registry: 'r',
      repository: 'app',
      rule: { name: 'apps', line: 3 },
      captures: {},
    },
    ...{ state, reasons: [], since: null, sinceFrom: null, overdueAt: null, overdue: false, build: null },
    ...{ platforms, members: [], before: null, after: null },
    ...over,
  } as Planned['group'];
  return { tag, action, group, platforms, restores: false, own: false } satisfies Planned;
}
const missing = { code: 'missing-platform', message: '1 of 2 there, linux/arm64 is missing' } as never;
const planOf = (planned: readonly Planned[], unruled = 0): readonly RegistryPlan[] => [
  { host: 'r', failures: [], repositories: [{ repository: 'app', tags: 61, unruled, planned }] },
];
const lines = (plans: readonly RegistryPlan[], all = false) =>
  planLines(plans, { all, full: false, now: NOW, took: 400, paint: text => text });

describe('a plan as people read it', () => {
  it('does not count what could not be read as nothing', () => {
    const error = new ArchweaveError({ code: 'unreachable', attempt: 'list' });
    const [plan] = planOf([one('1.0', 'unchanged')]);
    const [dead] = lines([{ host: 'dead', repositories: [], failures: [{ error }] }]);
    expect(dead).toBe('dead  could not be read');
    const [half] = lines([{ ...plan!, failures: [{ repository: 'web', error }] }]);
    expect(half).toBe('r  1 repository, 61 tags, read in 0.4 s; 1 repository could not be read');
  });

  it('shows trouble after what is written, the newest first, and counts', () => {
    const plans = planOf(
      [
        one('1.5.0', 'waiting', { reasons: [missing], since: ago(12), overdueAt: ago(-18) }),
        one('2.0', 'waiting', { reasons: [missing], since: ago(180), overdueAt: ago(150), overdue: true }),
        one('1.3.9', 'change', { before: DIGEST('7'), after: DIGEST('c') }, ['linux/amd64', '+linux/arm/v7']),
        one('1.4.0', 'new', { build: '9f3c1e2' }, ['linux/amd64', 'linux/arm64']),
        one('1.2.2', 'held', { reasons: [{ code: 'mislabelled', message: 'it lies' } as never] }),
        one('1.0', 'unchanged'),
      ],
      3,
    );
    expect(lines(plans)).toEqual([
      'r  1 repository, 61 tags, read in 0.4 s',
      '',
      '  app',
      '  + 1.4.0   new        linux/amd64 linux/arm64',
      '            build 9f3c1e2',
      '  ~ 1.3.9   changes    linux/amd64 +linux/arm/v7',
      '            sha256:777777777777 -> sha256:cccccccccccc',
      '  ! 1.2.2   held       linux/amd64',
      '            it lies',
      '  ? 2.0     OVERDUE    linux/amd64',
      '            1 of 2 there, linux/arm64 is missing; 3 h, overdue since 2 h 30 min',
      '  ? 1.5.0   waiting    linux/amd64',
      '            1 of 2 there, linux/arm64 is missing; 12 min, overdue in 18 min',
      '',
      '1 unchanged (--all shows them), 3 tags belong to no rule.',
      'Plan: 1 new, 1 to change, 1 unchanged, 2 waiting (1 overdue), 1 held. Nothing was written.',
    ]);
  });

  it('says in one line that everything is right', () => {
    expect(lines(planOf([one('1.0', 'unchanged'), one('2.0', 'unchanged')])).slice(-2)).toEqual([
      '2 unchanged (--all shows them).',
      'No changes. 2 indexes are as their members say.',
    ]);
    const all = lines(planOf([one('1.0', 'unchanged', { before: DIGEST('a') })]), true);
    expect(all).toContain('  = 1.0     unchanged  linux/amd64');
    expect(all.at(-1)).toBe('No changes. 1 index is as its members say.');
  });

  it('has columns as wide as the longest tag, and shows no control character', () => {
    const [, , , first] = lines(planOf([one('1.0-\u202erc', 'new'), one('a-rather-long-tag', 'new')]));
    expect(first).toContain('a-rather-long-tag   new');
    expect(lines(planOf([one('1.0-\u202erc', 'new')])).join()).not.toContain('\u202e');
  });
});

describe('the exit code of a plan', () => {
  const summary = { publish: 0, change: 0, unchanged: 1, waiting: 0, held: 0, failed: 0 };

  it('is 0 whatever there is, unless something failed', () => {
    expect(exitOf({ ...summary, publish: 1, waiting: 1, held: 1 }, false)).toBe(0);
    expect(exitOf({ ...summary, failed: 1 }, false)).toBe(1);
  });

  it('where it tells states: failed before held, held before waiting, waiting before pending', () => {
    expect(exitOf({ ...summary, publish: 1, waiting: 1, held: 1, failed: 1 }, true)).toBe(1);
    expect(exitOf({ ...summary, publish: 1, waiting: 1, held: 1 }, true)).toBe(4);
    expect(exitOf({ ...summary, publish: 1, waiting: 1 }, true)).toBe(3);
    expect(exitOf({ ...summary, change: 1 }, true)).toBe(5);
    expect(exitOf(summary, true)).toBe(0);
  });

  it('counts a registry that could not be listed as one failure', () => {
    const failures = [{ error: new Error('no') as never }];
    expect(summaryOf([{ host: 'r', repositories: [], failures }])).toMatchObject({ failed: 1 });
  });
});
