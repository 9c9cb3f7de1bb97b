import { describe, expect, it } from '@jest/globals';
import type { WakeUp } from '../../../lib/assembly/wake-up.ts';
import { ArchweaveError } from '../../../lib/errors.ts';
import { MAX_RECEIVES, takeBatch } from '../../../lib/queue/take-batch.ts';
import type { Burial, TakenMessage } from '../../../lib/queue/work-queue.ts';
import { recordTelemetry } from '../../support/telemetry-recorder.ts';

const wakeUp = (target: string): WakeUp => ({
  kind: 'verify',
  registry: 'r',
  repository: 'app',
  rule: 'apps',
  target,
  captures: {},
  cause: { source: 'event', id: target, time: '2026-11-22T10:00:00Z' },
});
const message = (id: string, group: string, receives = 1, body?: string): TakenMessage => ({
  id,
  group,
  receives,
  receipt: `receipt ${id}`,
  body: body ?? JSON.stringify({ v: 1, wakeUp: wakeUp(id) }),
});
const transient = (more: object = {}) =>
  new ArchweaveError({ code: 'registry-failed', attempt: 'read app', retryable: true, ...more });

function setUp(run: (targets: readonly string[], attempt: number) => Promise<void> = async () => {}) {
  const passes: (readonly string[])[] = [];
  const attempts: number[] = [];
  const postponed: (readonly [readonly string[], number])[] = [];
  const buried: { readonly ids: readonly string[]; readonly why: Burial }[] = [];
  const telemetry = recordTelemetry();
  const idsOf = (messages: readonly TakenMessage[]) => messages.map(({ id }) => id);
  const queue = {
    postpone: async (messages: readonly TakenMessage[], seconds: number) =>
      void postponed.push([idsOf(messages), seconds]),
    bury: async (messages: readonly TakenMessage[], why: Burial) =>
      void buried.push({ ids: idsOf(messages), why }),
  };
  const settings = { remaining: 30_000, concurrency: 5 };
  const take = (messages: readonly TakenMessage[]) =>
    takeBatch(messages, {
      queue,
      telemetry,
      remaining: () => settings.remaining,
      concurrency: settings.concurrency,
      run: async (wakeUps, attempt) => {
        const targets = wakeUps.map(one => (one.kind === 'verify' ? one.target : ''));
        passes.push(targets);
        attempts.push(attempt);
        await run(targets, attempt);
      },
    });
  return { passes, attempts, postponed, buried, telemetry, queue, settings, take };
}

describe('takeBatch', () => {
  it('makes one pass of each group, over all its messages in their order', async () => {
    const { take, passes } = setUp();
    const batch = [message('a1', 'a'), message('b1', 'b'), message('a2', 'a'), message('a3', 'a')];
    expect(await take(batch)).toEqual([]);
    expect(passes).toEqual([['a1', 'a2', 'a3'], ['b1']]);
  });

  it('hands back the messages of groups that failed, and no others', async () => {
    const { take, postponed } = setUp(async ([first]) => {
      if (first?.startsWith('b')) throw transient();
    });
    const batch = [message('a1', 'a'), message('b1', 'b', 2), message('b2', 'b', 1), message('c1', 'c')];
    expect(await take(batch)).toEqual(['b1', 'b2']);
    expect(postponed).toEqual([[['b1', 'b2'], 5]]);
  });

  it.each([
    [1, 5],
    [2, 15],
    [3, 45],
    [4, 120],
    [5, 300],
    [6, 300],
    [7, 300],
  ])('lets a group rest that was taken %d times for %d s', async (receives, seconds) => {
    const { take, postponed, attempts } = setUp(() => Promise.reject(transient()));
    await take([message('a1', 'a', receives)]);
    expect(postponed).toEqual([[['a1'], seconds]]);
    expect(attempts).toEqual([receives - 1]);
  });

  it('rests as long as the registry asked, within what SQS allows', async () => {
    const { take, postponed } = setUp(([first]) =>
      Promise.reject(transient({ retryAfter: first === 'a1' ? 60.2 : 1e9 })),
    );
    await take([message('a1', 'a'), message('b1', 'b')]);
    expect(postponed).toEqual([
      [['a1'], 61],
      [['b1'], 3_600],
    ]);
  });

  it('buries what cannot work later either, at once and with the reason', async () => {
    const { take, buried, postponed } = setUp(() =>
      Promise.reject(new ArchweaveError({ code: 'forbidden', attempt: 'write r/app:1.0' })),
    );
    expect(await take([message('a1', 'a'), message('a2', 'a')])).toEqual([]);
    expect(buried).toEqual([
      {
        ids: ['a1', 'a2'],
        why: { code: 'forbidden', message: 'cannot write r/app:1.0: you may not do this here' },
      },
    ]);
    expect(postponed).toEqual([]);
  });

  it('buries a message that has come too often, and lets a newer one of its group come again', async () => {
    const { take, buried, postponed } = setUp(() => Promise.reject(transient()));
    expect(await take([message('old', 'a', MAX_RECEIVES), message('new', 'a', 1)])).toEqual(['new']);
    expect(buried.map(({ ids }) => ids)).toEqual([['old']]);
    expect(postponed).toEqual([[['new'], 5]]);
  });

  it('buries a message that cannot be read, and works on the others of its group', async () => {
    const { take, buried, passes } = setUp();
    const batch = [message('bad', 'a', 1, '{"v":7}'), message('a2', 'a'), message('worse', 'b', 1, 'x')];
    expect(await take(batch)).toEqual([]);
    expect(buried).toEqual([
      { ids: ['bad'], why: { code: 'malformed', message: 'cannot read this message: v is not 1' } },
      { ids: ['worse'], why: { code: 'malformed', message: 'cannot read this message: it is not JSON' } },
    ]);
    expect(passes).toEqual([['a2']]);
  });

  it('lets a bug come again, and keeps its words out of the log and the dead letters', async () => {
    const { take, buried, telemetry } = setUp(() => Promise.reject(new TypeError('password=hunter2')));
    expect(await take([message('a1', 'a'), message('b1', 'b', MAX_RECEIVES)])).toEqual(['a1']);
    expect(buried[0]?.why).toEqual({ code: 'internal', message: 'TypeError' });
    expect(JSON.stringify(telemetry.lines)).not.toContain('hunter2');
  });

  it('hands a message back that could not be buried or postponed', async () => {
    const { take, queue, telemetry } = setUp(([first]) =>
      Promise.reject(first === 'a1' ? transient() : transient({ retryable: false })),
    );
    queue.bury = queue.postpone = () => Promise.reject(new Error('no way'));
    const failed = await take([message('a1', 'a'), message('b1', 'b'), message('c1', 'c', 1, 'x')]);
    expect(failed.toSorted()).toEqual(['a1', 'b1', 'c1']);
    expect(telemetry.lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['not buried', 'not postponed']),
    );
  });

  it('lets a pass that was interrupted come again', async () => {
    const { take } = setUp(() =>
      Promise.reject(new ArchweaveError({ code: 'interrupted', attempt: 'read' })),
    );
    expect(await take([message('a1', 'a')])).toEqual(['a1']);
  });

  it('begins no pass that could hardly end, and gives its messages back at once', async () => {
    const { take, passes, postponed, settings } = setUp();
    settings.remaining = 7_999;
    expect(await take([message('a1', 'a')])).toEqual(['a1']);
    expect([passes, postponed]).toEqual([[], [[['a1'], 0]]]);
  });

  it('works on five groups side by side and no more', async () => {
    let running = 0;
    let most = 0;
    const { take } = setUp(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(resolve => setTimeout(resolve, 5));
      running -= 1;
    });
    await take(Array.from({ length: 10 }, (_, at) => message(`m${at}`, `g${at}`)));
    expect(most).toBe(5);
  });
});
