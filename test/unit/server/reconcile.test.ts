import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../lib/errors.ts';
import { startReconciler } from '../../../lib/server/reconcile.ts';
import type { ServeEvent } from '../../../lib/server/serve-event.ts';
import type { Sweep, SweepResult } from '../../../lib/server/sweep.ts';
import { ManualTimers, settled } from '../../support/manual-timers.ts';

const RIGHT: SweepResult = { repositories: 1, tags: 1, wakeUps: 0, failures: [] };

function setUp({ takes = 0, hosts = ['a'] } = {}) {
  const timers = new ManualTimers();
  const events: ServeEvent[] = [];
  const swept = new Set<string>();
  const runs: { host: string; at: number; first: boolean }[] = [];
  const next: { result: SweepResult | Error } = { result: RIGHT };
  let due = 0;
  const sweepOf = (host: string): Sweep => ({
    note: () => {},
    forget: () => {},
    run: async ({ first }) => {
      runs.push({ host, at: timers.now, first });
      timers.now += takes;
      if (next.result instanceof Error) throw next.result;
      return next.result;
    },
  });
  const reconciler = startReconciler({
    hosts: hosts.map(host => ({ host, every: 10_000, sweep: sweepOf(host) })),
    begin: Promise.resolve(),
    due: async () => {
      due += 1;
      if (due === 2) throw new Error('the ledger is busy');
      return 0;
    },
    isNew: host => !swept.has(host),
    onSwept: async host => void swept.add(host),
    tell: event => events.push(event),
    setTimer: timers.setTimer,
    now: () => timers.now,
  });
  return { timers, events, swept, runs, next, reconciler, dues: () => due };
}

describe('startReconciler', () => {
  it('sweeps each registry at once, and again after its pause', async () => {
    const { timers, runs, reconciler } = setUp({ hosts: ['a', 'b'] });
    await reconciler.swept;
    await timers.pass(9_999);
    expect(runs).toHaveLength(2);
    await timers.pass(1);
    expect(runs.map(({ host, at }) => `${host} ${at}`)).toEqual(['a 0', 'b 0', 'a 10000', 'b 10000']);
    await reconciler.stop();
  });

  it('looks at nothing where it is stopped before it began', async () => {
    const { runs, reconciler, dues } = setUp();
    await reconciler.stop();
    await reconciler.swept;
    expect([runs.length, dues()]).toEqual([0, 0]);
  });

  it('gives a registry that takes long ten times as long to rest', async () => {
    const { timers, runs, reconciler } = setUp({ takes: 3_000 });
    await settled();
    await timers.pass(29_000);
    expect(runs).toHaveLength(1);
    await timers.pass(2_000);
    expect(runs).toHaveLength(2);
    await reconciler.stop();
  });

  it('takes a registry for new until a sweep came to its end', async () => {
    const { timers, runs, next, swept, reconciler } = setUp();
    next.result = { ...RIGHT, failures: [{ repository: 'app', error: new Error('no') }] };
    await settled();
    await timers.pass(10_000);
    next.result = RIGHT;
    await timers.pass(20_000);
    expect(runs.map(({ first }) => first)).toEqual([true, true, true, false]);
    expect([...swept]).toEqual(['a']);
    await reconciler.stop();
  });

  it('tells a trouble once, another one anew, and its end', async () => {
    const { timers, events, next, reconciler } = setUp();
    const error = (code: 'unreachable' | 'unauthorized') => new ArchweaveError({ code, attempt: 'list' });
    const failing = (code: 'unreachable' | 'unauthorized') => ({
      ...RIGHT,
      failures: [{ repository: 'app', error: error(code) }],
    });
    next.result = failing('unreachable');
    await settled();
    await timers.pass(30_000);
    next.result = failing('unauthorized');
    await timers.pass(20_000);
    next.result = new Error('a bug');
    await timers.pass(20_000);
    next.result = RIGHT;
    await timers.pass(20_000);
    const told = events.map(event =>
      event.kind === 'unreadable'
        ? [event.repository, (event.error as { code?: string }).code]
        : [event.kind, 'repository' in event ? event.repository : undefined],
    );
    expect(told).toEqual([
      ['app', 'unreachable'],
      ['app', 'unauthorized'],
      [undefined, undefined],
      ['readable-again', 'app'],
      ['readable-again', undefined],
    ]);
    await reconciler.stop();
  });

  it('asks every two seconds what is due, whatever the ledger says', async () => {
    const { timers, dues, reconciler } = setUp();
    await settled();
    await timers.pass(8_000);
    expect(dues()).toBe(5);
    await reconciler.stop();
    expect(timers.count).toBe(0);
    await timers.pass(60_000);
    expect(dues()).toBe(5);
  });
});
