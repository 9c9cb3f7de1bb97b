import { describe, expect, it } from '@jest/globals';
import type { WakeUp } from '../../../lib/assembly/wake-up.ts';
import type { Standing } from '../../../lib/ledger/interface.ts';
import { MemoryLedger } from '../../../lib/ledger/memory.ts';
import { createDue } from '../../../lib/server/due.ts';
import { ruleOf } from '../../support/rule.ts';

const START = Date.parse('2026-11-22T10:00:00Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

function setUp({ limit = 500 } = {}) {
  const ledger = new MemoryLedger();
  const clock = { now: START };
  const woken: WakeUp[] = [];
  const due = createDue({
    ledger,
    rules: [ruleOf('r', { name: 'apps', patterns: ['app*'] })],
    wake: wakeUp => woken.push(wakeUp),
    now: () => clock.now,
    limit,
  });
  const record = (tag: string, more: Partial<Standing> = {}, repository = 'app') =>
    ledger.record({
      target: { registry: 'r', repository, tag },
      rule: 'apps',
      captures: { version: tag },
      state: 'waiting',
      since: at(-60),
      ...more,
    });
  const targets = () => woken.map(wakeUp => (wakeUp.kind === 'verify' ? wakeUp.target : wakeUp.kind));
  return { ledger, clock, woken, due, record, targets };
}

describe('createDue', () => {
  it('wakes what is due, oldest first, and says why', async () => {
    const { due, record, woken, targets } = setUp();
    await record('1.0', { dueAt: at(0) });
    await record('1.1', { overdueAt: at(-5) });
    await record('1.2', { dueAt: at(1) });
    await record('1.3');
    expect(await due()).toBe(2);
    expect(targets()).toEqual(['1.1', '1.0']);
    expect(woken[0]).toMatchObject({
      registry: 'r',
      repository: 'app',
      rule: 'apps',
      captures: { version: '1.1' },
      cause: { source: 'due', time: at(0) },
    });
  });

  it('wakes a target once for a deadline, again for the next one, and again after ten minutes', async () => {
    const { due, record, clock, targets } = setUp();
    await record('1.0', { dueAt: at(0) });
    await due();
    clock.now += 5_000;
    expect(await due()).toBe(0);
    await record('1.0', { dueAt: at(5) });
    expect(await due()).toBe(1);
    clock.now += 599_000;
    expect(await due()).toBe(0);
    clock.now += 1_000;
    expect(await due()).toBe(1);
    expect(targets()).toEqual(['1.0', '1.0', '1.0']);
  });

  it('comes to all of many, and those that stay due do not stand in the way of others', async () => {
    const { due, record, targets } = setUp({ limit: 2 });
    for (let n = 0; n < 5; n += 1) await record(`1.${n}`, { dueAt: at(-n) });
    expect([await due(), await due(), await due(), await due()]).toEqual([2, 2, 1, 0]);
    expect(new Set(targets()).size).toBe(5);
  });

  it('puts aside what no rule makes any more', async () => {
    const { due, record, ledger, targets } = setUp();
    await record('1.0', { dueAt: at(0), rule: 'gone' });
    await record('1.0', { dueAt: at(0), overdueAt: at(0) }, 'other');
    await record('1.0-amd64', { dueAt: at(0) });
    expect(await due()).toBe(0);
    expect(targets()).toEqual([]);
    expect(await ledger.due(at(999_999), 10)).toEqual([]);
    expect(await ledger.standing({ registry: 'r', repository: 'other', tag: '1.0' })).toMatchObject({
      state: 'ignored',
      reason: 'no-rule',
    });
  });
});
