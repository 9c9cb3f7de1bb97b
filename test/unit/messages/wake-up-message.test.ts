import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type WakeUp, wakeUpsOf } from '../../../lib/assembly/wake-up.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { readWakeUpMessage, wakeUpMessage } from '../../../lib/messages/wake-up-message.ts';
import { put, type Spoil } from '../../support/event-fixture.ts';
import { ruleOf } from '../../support/rule.ts';

const TIME = '2026-11-22T10:00:00.000Z';
const RULES = [ruleOf('r', { name: 'apps' })];
const digest = digestOf(new Uint8Array());
const push = (tag: string, id = 'event-1') =>
  wakeUpsOf(
    { registry: 'r', repository: 'team/app', tag, digest, action: 'push', time: TIME, id },
    RULES,
  )[0]!;

describe('wakeUpMessage', () => {
  it.each([
    ['a group', push('1.0-amd64')],
    ['a target', push('1.0')],
    ['a deletion, which has no floor', (({ floor: _, ...rest }) => rest)(push('1.0-amd64')) as WakeUp],
  ])('is read back as it was for %s', (_, wakeUp) => {
    expect(readWakeUpMessage(wakeUpMessage(wakeUp, 0, RULES).body)).toEqual(wakeUp);
  });

  it('has one group for the members and the target of one index, and another for another one', () => {
    const groups = ['1.0-amd64', '1.0-arm64', '1.0', '1.1-amd64'].map(
      tag => wakeUpMessage(push(tag), 0, RULES).group,
    );
    expect(new Set(groups.slice(0, 3)).size).toBe(1);
    expect(groups[3]).not.toBe(groups[0]);
  });

  it('is one message for one event, and another one for what came of it beside', () => {
    const wakeUp = push('1.0-amd64');
    expect(wakeUpMessage(wakeUp, 0, RULES).deduplication).toBe('event-1');
    expect(wakeUpMessage(wakeUp, 1, RULES).deduplication).toBe('event-1/1');
    expect(wakeUpMessage(push('1.0-amd64', 'event-2'), 0, RULES).deduplication).toBe('event-2');
  });

  it('has a group even where its rule has left the configuration', () => {
    expect(wakeUpMessage(push('1.0-amd64'), 0, []).group).toMatch(/^[0-9a-f]{64}$/);
  });

  it('always has ids that SQS takes', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }),
        fc.nat(1000),
        (repository, index) => {
          const id = `sweep:${'x'.repeat(repository.length)}`;
          const wakeUp: WakeUp = { ...push('1.0'), repository, cause: { source: 'sweep', id, time: TIME } };
          const { group, deduplication } = wakeUpMessage(wakeUp, index, RULES);
          expect(group).toMatch(/^[0-9a-f]{64}$/);
          expect(deduplication).toMatch(/^[\x21-\x7e]{1,128}$/);
        },
      ),
    );
  });
});

describe('readWakeUpMessage', () => {
  it.each<[string, Spoil, string]>([
    ['a version that is not known', put('v', 2), 'v is not 1'],
    ['no version', put('v', undefined), 'v is not 1'],
    ['no wake-up', put('wakeUp', undefined), 'wakeUp is missing'],
    ['another kind', put('wakeUp.kind', 'import'), 'wakeUp.kind is neither group nor verify'],
    ['no registry', put('wakeUp.registry', undefined), 'wakeUp.registry is missing'],
    [
      'captures that are no texts',
      put('wakeUp.captures', { a: 1 }),
      'wakeUp.captures has a value that is not a string',
    ],
    ['no cause', put('wakeUp.cause', undefined), 'wakeUp.cause is missing'],
    ['a cause that is not known', put('wakeUp.cause.source', 'boredom'), 'wakeUp.cause.source is not known'],
    ['a floor without digest', put('wakeUp.floor', { tag: 'x' }), 'wakeUp.floor.digest is missing'],
  ])('refuses %s', (_, spoil, reason) => {
    const message = JSON.parse(wakeUpMessage(push('1.0-amd64'), 0, RULES).body);
    const text = JSON.stringify(spoil(message) ?? message);
    expect(() => readWakeUpMessage(text)).toThrow(expect.objectContaining({ code: 'malformed', reason }));
  });

  it('refuses a verify without a target, and what is no JSON', () => {
    const message = JSON.parse(wakeUpMessage(push('1.0'), 0, RULES).body);
    delete message.wakeUp.target;
    expect(() => readWakeUpMessage(JSON.stringify(message))).toThrow('wakeUp.target is missing');
    expect(() => readWakeUpMessage('{')).toThrow('it is not JSON');
  });
});
