import { describe, expect, it } from '@jest/globals';
import { keyOfWakeUp, verifyWakeUps, wakeUpsOf } from '../../../lib/assembly/wake-up.ts';
import type { Push } from '../../../lib/events/push.ts';
import { digest } from './a-question.ts';
import { aRule, HOST } from './a-world.ts';

const RULE = aRule({ name: 'one' });
const PUSH: Push = {
  registry: HOST,
  repository: 'app',
  tag: '1.0-arm64',
  digest: digest('a'),
  action: 'push',
  time: '2026-11-22T10:00:00Z',
  id: 'event-1',
};
const CAUSE = { source: 'event', id: 'event-1', time: '2026-11-22T10:00:00Z' };
const COMMON = { registry: HOST, repository: 'app', rule: 'one', cause: CAUSE };

describe('wakeUpsOf', () => {
  it('is the group of a member that was pushed, with what it holds from then on', () => {
    expect(wakeUpsOf(PUSH, [RULE])).toEqual([
      {
        ...COMMON,
        kind: 'group',
        captures: { version: '1.0' },
        floor: { tag: '1.0-arm64', digest: digest('a') },
      },
    ]);
  });

  it('says nothing of what a tag holds where it was deleted, or the event does not tell', () => {
    const group = { ...COMMON, kind: 'group', captures: { version: '1.0' } };
    const { digest: _, ...untold } = PUSH;
    expect(wakeUpsOf({ ...PUSH, action: 'delete' }, [RULE])).toEqual([group]);
    expect(wakeUpsOf(untold, [RULE])).toEqual([group]);
    expect(wakeUpsOf({ ...untold, action: 'delete' }, [RULE])).toEqual([group]);
  });

  it('is a target to verify, whoever wrote it', () => {
    const verify = { ...COMMON, kind: 'verify', target: '1.0', captures: { version: '1.0' } };
    const floor = { tag: '1.0', digest: digest('a') };
    expect(wakeUpsOf({ ...PUSH, tag: '1.0' }, [RULE])).toEqual([{ ...verify, floor }]);
    expect(wakeUpsOf({ ...PUSH, tag: '1.0', action: 'delete' }, [RULE])).toEqual([verify]);
  });

  it('is nothing for a push without a tag, or where no rule wants it', () => {
    const { tag: _, ...untagged } = PUSH;
    expect(wakeUpsOf(untagged, [RULE])).toEqual([]);
    expect(wakeUpsOf({ ...PUSH, registry: 'other.example' }, [RULE])).toEqual([]);
    expect(wakeUpsOf({ ...PUSH, tag: '1.0-arm64' }, [aRule({ exclude: ['*'] })])).toEqual([]);
  });

  it('is one for each rule that wants it', () => {
    const rules = [RULE, aRule({ name: 'two' })];
    expect(wakeUpsOf(PUSH, rules).map(({ rule }) => rule)).toEqual(['one', 'two']);
  });
});

describe('verifyWakeUps', () => {
  it('keeps of a tag what the key is made of', () => {
    const rule = aRule({
      name: 'one',
      members: '{channel}-{run:int}-{arch}',
      targets: ['{channel}', '{channel}-{run}'],
      newest: { by: 'captures', captures: ['run'] },
    });
    const of = (tag: string) => verifyWakeUps(rule, HOST, 'app', tag, CAUSE as never);
    expect(of('edge-7')).toEqual([
      { ...COMMON, kind: 'verify', target: 'edge-7', captures: { channel: 'edge' } },
    ]);
  });
});

describe('keyOfWakeUp', () => {
  const [wakeUp] = wakeUpsOf(PUSH, [RULE]);

  it('is the same for a member and for its target, and another for another group', () => {
    const rules = [aRule({ name: 'other' }), RULE];
    const key = keyOfWakeUp(wakeUp!, rules);
    expect(JSON.parse(key!)).toEqual([HOST, 'app', 'one', { version: '1.0' }]);
    expect(keyOfWakeUp(wakeUpsOf({ ...PUSH, tag: '1.0' }, [RULE])[0]!, rules)).toBe(key);
    expect(keyOfWakeUp(wakeUpsOf({ ...PUSH, tag: '2.0' }, [RULE])[0]!, rules)).not.toBe(key);
  });

  it('is none where the rule has gone', () => {
    expect(keyOfWakeUp(wakeUp!, [aRule({ name: 'other' })])).toBeUndefined();
  });
});
