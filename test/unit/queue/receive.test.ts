import { describe, expect, it } from '@jest/globals';
import type { WakeUpMessage } from '../../../lib/messages/wake-up-message.ts';
import { createReceive } from '../../../lib/queue/receive.ts';
import { ruleOf } from '../../support/rule.ts';
import { recordTelemetry } from '../../support/telemetry-recorder.ts';

const push = (tag?: string, registry = 'r') => ({
  registry,
  repository: 'team/app',
  ...(tag !== undefined && { tag }),
  action: 'push' as const,
  time: '2026-11-22T10:00:00.000Z',
  id: 'event-1',
});

function setUp(rules = [ruleOf('r', { name: 'apps', patterns: ['team/*'] })]) {
  const sent: WakeUpMessage[] = [];
  const telemetry = recordTelemetry();
  const queue = { send: async (messages: readonly WakeUpMessage[]) => void sent.push(...messages) };
  const receive = createReceive({
    parse: event => ({ pushes: event as [], ignored: [{ reason: 'it is a pull' }] }),
    rules,
    queue,
    telemetry,
    namesOf: name => (name === 'r' ? ['r', 'r.fips'] : [name]),
  });
  const wakeUps = () => sent.map(({ body }) => JSON.parse(body).wakeUp);
  return { receive, sent, telemetry, queue, wakeUps };
}

describe('createReceive', () => {
  it('sends members, targets and deletions on', async () => {
    const { receive, wakeUps } = setUp();
    await receive([push('1.0-amd64'), push('1.0'), { ...push('1.0-arm64'), action: 'delete' }]);
    expect(wakeUps().map(({ kind }) => kind)).toEqual(['group', 'verify', 'group']);
  });

  it('knows a registry by every name that rules have for it', async () => {
    const rules = [ruleOf('r', { name: 'one' }), ruleOf('r.fips', { name: 'two' })];
    const { receive, wakeUps, sent } = setUp(rules);
    await receive([push('1.0-amd64')]);
    expect(wakeUps().map(({ registry, rule }) => `${registry} ${rule}`)).toEqual(['r one', 'r.fips two']);
    expect(new Set(sent.map(({ group }) => group)).size).toBe(2);
  });

  it('sends a push that concerns two rules of one key as two messages', async () => {
    const { receive, sent } = setUp([ruleOf('r', { name: 'one' }), ruleOf('r', { name: 'two' })]);
    await receive([push('1.0-amd64')]);
    expect(sent.map(({ deduplication }) => deduplication)).toEqual(['event-1', 'event-1/1']);
  });

  it('says why it ignores what it ignores', async () => {
    const { receive, sent, telemetry } = setUp();
    await receive([push(), push('1.0-amd64', 'elsewhere'), { ...push('1.0-amd64'), repository: 'other' }]);
    expect(sent).toEqual([]);
    expect(telemetry.of('ignored').map(({ reason }) => reason)).toEqual([
      'it is a pull',
      'it has no tag',
      'unknown registry',
      'no rule wants it',
    ]);
    expect([telemetry.sum('PushReceived'), telemetry.sum('PushIgnored')]).toEqual([3, 4]);
  });

  it('fails where the queue does, so that the event comes again', async () => {
    const { receive, queue } = setUp();
    queue.send = () => Promise.reject(new Error('down'));
    await expect(receive([push('1.0-amd64')])).rejects.toThrow('down');
  });
});
