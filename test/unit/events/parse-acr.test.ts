import { describe, expect, it } from '@jest/globals';
import { parseAcr } from '../../../lib/events/parse-acr.ts';
import { OCI_INDEX } from '../../../lib/image/media-types.ts';
import { eventFixture, put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'contoso.azurecr.io' };
const spoilt = (spoil: Spoil) => parseAcr(spoiltEvent('acr-push', spoil), CONTEXT);
const PUSH = {
  registry: 'contoso.azurecr.io',
  repository: 'team/app',
  tag: '1.4.0-arm64',
  digest: `sha256:${'1'.repeat(64)}`,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  action: 'push',
  time: '2026-01-17T16:52:01.343Z',
  id: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5',
};

describe('parseAcr', () => {
  it('reads a push', () => {
    expect(parseAcr(eventFixture('acr-push'), CONTEXT)).toEqual({ pushes: [PUSH], ignored: [] });
  });

  it('reads a push of an index', () => {
    const [push] = spoilt(put('target.mediaType', OCI_INDEX)).pushes;
    expect(push).toEqual({ ...PUSH, mediaType: OCI_INDEX });
  });

  it.each([undefined, '', null, `sha256:${'1'.repeat(64)}`])('takes the tag %j for none', tag => {
    const { tag: _, ...untagged } = PUSH;
    expect(spoilt(put('target.tag', tag))).toEqual({ pushes: [untagged], ignored: [] });
  });

  it('reads a deletion, which has no tag', () => {
    const { pushes } = parseAcr(eventFixture('acr-delete'), CONTEXT);
    expect(pushes).toEqual([expect.objectContaining({ action: 'delete', digest: PUSH.digest })]);
    expect(pushes[0]).not.toHaveProperty('tag');
  });

  it('reads each repeat of a geo-replicated registry as an event of its own', () => {
    const ids = ['a', 'b', 'a'].map(id => spoilt(put('id', id)).pushes[0]?.id);
    expect(ids).toEqual(['a', 'b', 'a']);
  });

  it.each<[string, string, string]>([
    ['quarantine', 'acr-quarantine', 'it is in quarantine; ACR announces its push when it is let out'],
    ['a chart', 'acr-chart-push', 'it is about a Helm chart'],
  ])('ignores %s', (_, name, reason) => {
    expect(parseAcr(eventFixture(name), CONTEXT)).toEqual({ pushes: [], ignored: [{ reason }] });
  });

  it.each<[string, Spoil, string]>([
    ['a ping', event => ({ id: event.id, timestamp: event.timestamp, action: 'ping' }), 'it is a ping'],
    ['a chart that went', put('action', 'chart_delete'), 'it is about a Helm chart'],
    ['an action to come', put('action', 'sign'), 'its action is unknown'],
    [
      'what is no image',
      put('target.mediaType', 'application/wasm'),
      'it is about something that is no image',
    ],
    [
      'a repository that went as a whole',
      event => ({ ...event, action: 'delete', target: { repository: 'team/app' } }),
      'it names neither a tag nor a digest',
    ],
  ])('ignores %s', (_, spoil, reason) => {
    expect(spoilt(spoil)).toEqual({ pushes: [], ignored: [{ reason }] });
  });

  it('never takes the registry from the event', () => {
    expect(JSON.stringify(spoilt(put('request.host', 'evil.azurecr.io')))).not.toContain('evil');
  });

  it('takes the time of arrival where the event has none', () => {
    const body = spoiltEvent('acr-push', put('timestamp', undefined));
    const [push] = parseAcr(body, { ...CONTEXT, receivedAt: '2026-01-17T17:00:00.000Z' }).pushes;
    expect(push?.time).toBe('2026-01-17T17:00:00.000Z');
  });

  it.each<[string, Spoil, string]>([
    ['no action', put('action', undefined), 'action is missing'],
    ['no id', put('id', undefined), 'id is missing'],
    ['no time', put('timestamp', undefined), 'timestamp is missing'],
    ['no target', put('target', undefined), 'target is missing'],
    ['no repository', put('target.repository', undefined), 'target.repository is missing'],
    [
      'a repository that climbs',
      put('target.repository', '../x'),
      'target.repository is no name of a repository',
    ],
    ['a tag that is turned round', put('target.tag', 'a\u202e'), 'target.tag is no tag'],
    ['a short digest', put('target.digest', 'sha256:11'), 'target.digest is not a sha256 or sha512 digest'],
  ])('refuses %s', (_, spoil, reason) => {
    expect(() => spoilt(spoil)).toThrow(expect.objectContaining({ code: 'bad-event', reason }));
  });
});
