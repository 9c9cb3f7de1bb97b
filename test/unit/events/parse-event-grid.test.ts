import { describe, expect, it } from '@jest/globals';
import { parseEventGrid } from '../../../lib/events/parse-event-grid.ts';
import { eventFixture, put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'contoso.azurecr.io' };
const spoilt = (spoil: Spoil, name = 'event-grid-push') =>
  parseEventGrid(spoiltEvent(name, spoil), {}, CONTEXT);
const DIGEST = `sha256:${'1'.repeat(64)}`;
const PUSH = {
  registry: 'contoso.azurecr.io',
  repository: 'team/app',
  tag: '1.4.0-arm64',
  digest: DIGEST,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  action: 'push',
  time: '2026-04-25T21:39:47.276Z',
  id: '831e1650-001e-001b-66ab-eeb76e069631',
};

describe('parseEventGrid', () => {
  it("reads Event Grid's own schema", () => {
    const read = parseEventGrid(eventFixture('event-grid-push'), {}, CONTEXT);
    expect(read).toEqual({ pushes: [PUSH], ignored: [] });
  });

  it('reads a CloudEvent', () => {
    const { pushes, ignored } = parseEventGrid(eventFixture('event-grid-cloud-event'), {}, CONTEXT);
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    expect([pushes, ignored]).toEqual([[{ ...PUSH, tag: '1.4.0', mediaType }], []]);
  });

  it('reads CloudEvents that come as a batch', () => {
    const twice = spoilt(event => [event, { ...event, id: 'second' }], 'event-grid-cloud-event');
    expect(twice.pushes.map(({ id, tag }) => [id, tag])).toEqual([
      [PUSH.id, '1.4.0'],
      ['second', '1.4.0'],
    ]);
  });

  it.each([
    ['ImagePushed', 'push'],
    ['Microsoft.ContainerRegistry.ImagePushed', 'push'],
    ['ImageDeleted', 'delete'],
    ['Microsoft.ContainerRegistry.ImageDeleted', 'delete'],
  ])('knows %s', (type, action) => {
    for (const [name, field] of [
      ['event-grid-push', '0.eventType'],
      ['event-grid-cloud-event', 'type'],
    ] as const)
      expect(spoilt(put(field, type), name).pushes).toEqual([
        expect.objectContaining({ action, digest: DIGEST }),
      ]);
  });

  it.each([
    ['ChartPushed', 'it is about a Helm chart'],
    ['Microsoft.ContainerRegistry.ChartDeleted', 'it is about a Helm chart'],
    ['Microsoft.EventGrid.SubscriptionDeletedEvent', 'it is about its own subscription'],
    ['Microsoft.Storage.BlobCreated', 'it is not about a push'],
  ])('ignores %s', (type, reason) => {
    expect(spoilt(put('0.eventType', type))).toEqual({ pushes: [], ignored: [{ reason }] });
    expect(spoilt(put('type', type), 'event-grid-cloud-event')).toEqual({
      pushes: [],
      ignored: [{ reason }],
    });
  });

  it('reads every event of a batch, and ignores the bad ones next to good ones', () => {
    const { pushes, ignored } = spoilt(([event]) => [
      event,
      { ...event, id: 'b', data: { ...event.data, target: { ...event.data.target, tag: 'bad tag' } } },
      7,
      { ...event, id: 'c' },
    ]);
    expect(pushes.map(({ id }) => id)).toEqual([PUSH.id, 'c']);
    expect(ignored).toEqual([
      { reason: '[1].data.target.tag is no tag' },
      { reason: '[2] is not an object' },
    ]);
  });

  it("takes the envelope's time where the push tells none, and that of the arrival where neither does", () => {
    const untimed: Spoil = ([event]) => [{ ...event, data: { ...event.data, timestamp: undefined } }];
    expect(spoilt(untimed).pushes[0]?.time).toBe('2026-04-25T21:39:47.654Z');
    const body = spoiltEvent('event-grid-push', ([event]) => [
      { ...event, eventTime: undefined, data: { ...event.data, timestamp: undefined } },
    ]);
    const receivedAt = '2026-04-25T22:00:00.000Z';
    expect(parseEventGrid(body, {}, { ...CONTEXT, receivedAt }).pushes[0]?.time).toBe(receivedAt);
  });

  it('reads a subscription that introduces itself as a handshake, with its name from the header', () => {
    const body = eventFixture('event-grid-validation');
    const handshake = { code: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' };
    expect(parseEventGrid(body, {}, CONTEXT)).toEqual({ pushes: [], ignored: [], handshake });
    const headers = { 'aeg-event-type': 'SubscriptionValidation', 'aeg-subscription-name': 'ARCHWEAVE' };
    expect(parseEventGrid(body, headers, CONTEXT).handshake).toEqual({
      ...handshake,
      subscription: 'ARCHWEAVE',
    });
  });

  it('never takes the registry from the event', () => {
    const text = JSON.stringify(
      spoilt(([event]) => {
        event.topic = event.topic.replace('myregistry', 'evil');
        event.subject = 'evil/app:1';
        event.data.request.host = 'evil.azurecr.io';
      }),
    );
    expect(text).not.toContain('evil');
  });

  it.each<[string, Spoil, string]>([
    ['an empty list', () => [], 'it is an empty list'],
    ['a list of lists', () => [[]], '[0] is not an object'],
    ['no type', put('0.eventType', undefined), '[0].eventType is missing'],
    ['no data', put('0.data', undefined), '[0].data is missing'],
    ['no id', put('0.id', undefined), '[0].id is missing'],
    [
      'a repository that climbs',
      put('0.data.target.repository', '../x'),
      '[0].data.target.repository is no name of a repository',
    ],
    ['a time that is none', put('0.data.timestamp', 'soon'), '[0].data.timestamp is no time'],
  ])('refuses %s', (_, spoil, reason) => {
    expect(() => spoilt(spoil)).toThrow(expect.objectContaining({ code: 'bad-event', reason }));
  });

  it.each(['a\nb', '', 'x'.repeat(300)])('refuses a handshake with the code %j', code => {
    const body = spoiltEvent('event-grid-validation', put('0.data.validationCode', code));
    const reason = '[0].data.validationCode is not 1 to 256 printable ASCII characters';
    expect(() => parseEventGrid(body, {}, CONTEXT)).toThrow(expect.objectContaining({ reason }));
  });
});
