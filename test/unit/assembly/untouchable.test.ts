import { describe, expect, it } from '@jest/globals';
import { immutable, leftAlone } from '../../../lib/assembly/untouchable.ts';
import type { Standing } from '../../../lib/ledger/interface.ts';
import { choice, complete, digest, holding, record, target } from './a-question.ts';
import { START } from './a-world.ts';

const NOW = '2026-11-22T10:00:00.000Z';
const STANDING: Standing = {
  target: { registry: 'r', repository: 'app', tag: '1' },
  rule: 'x',
  captures: {},
  state: 'held',
  since: '2026-11-20T00:00:00Z',
};

describe('leftAlone', () => {
  it('says that a person deleted or replaced it, and since when that is known', () => {
    expect(leftAlone(target({ kind: 'absent' }), record(), START)).toEqual({
      kind: 'held',
      reasons: [{ code: 'withdrawn', tag: '1', act: 'deleted', at: NOW }],
    });
    expect(leftAlone(target({ kind: 'foreign', children: [] }), record(), START)).toMatchObject({
      reasons: [{ act: 'replaced' }],
    });
  });

  it('keeps the time at which it was noticed first, and no time of another trouble', () => {
    const noticed = (reason: string) =>
      leftAlone(target({ kind: 'absent' }, { standing: { ...STANDING, reason } }), record(), START)
        .reasons[0];
    expect(noticed('withdrawn')).toMatchObject({ at: '2026-11-20T00:00:00Z' });
    expect(noticed('mislabelled')).toMatchObject({ at: NOW });
  });

  it('ignores what was there before archweave', () => {
    const { digest: _, ...baseline } = record();
    expect(leftAlone(target({ kind: 'absent' }), baseline, START)).toEqual({
      kind: 'ignored',
      reasons: [{ code: 'before-archweave' }],
    });
  });
});

describe('immutable', () => {
  const held = holding([
    ['a', 'amd64'],
    ['b', 'arm64'],
  ]) as Exclude<ReturnType<typeof holding>, { kind: 'absent' }>;
  const required = [digest('a'), digest('b')];
  const resolved = (...more: readonly ReturnType<typeof choice>[]) =>
    complete({ chosen: [choice('a', 'amd64'), choice('b', 'arm64'), ...more] }) as Parameters<
      typeof immutable
    >[3];

  it('is held where it lacks something required, and says what it holds', () => {
    expect(immutable('1', held, [digest('a'), digest('c')], resolved())).toEqual({
      kind: 'held',
      reasons: [{ code: 'immutable-tag', tag: '1', digest: digest('f') }],
    });
    const unread = { kind: 'foreign', children: [] } as const;
    expect(immutable('1', unread, required, resolved()).reasons).toEqual([
      { code: 'immutable-tag', tag: '1' },
    ]);
  });

  it('is right as it is where it only lacks something optional, which is named', () => {
    const optional = [choice('c', 'riscv64', { required: false }), choice('d', 's390x', { required: false })];
    expect(immutable('1', held, required, resolved(...optional))).toEqual({
      kind: 'unchanged',
      reasons: [{ code: 'immutable-tag', tag: '1', adds: 'linux/riscv64, linux/s390x' }],
    });
    expect(immutable('1', held, required, resolved()).reasons).toEqual([
      { code: 'immutable-tag', tag: '1', adds: 'attestations' },
    ]);
  });
});
