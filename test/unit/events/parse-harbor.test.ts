import { describe, expect, it } from '@jest/globals';
import { parseHarbor } from '../../../lib/events/parse-harbor.ts';
import { eventFixture, put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'harbor.configured' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const spoilt = (spoil: Spoil, fixture = 'harbor-push') =>
  parseHarbor(spoiltEvent(fixture, spoil), {}, CONTEXT);
const PUSH = {
  registry: 'harbor.configured',
  repository: 'library/app',
  tag: '1.4.0-amd64',
  digest: DIGEST,
  action: 'push',
};

describe('parseHarbor', () => {
  it("reads a push in Harbor's own format, with the body's digest for an id", () => {
    const { pushes, ignored } = parseHarbor(eventFixture('harbor-push'), {}, CONTEXT);
    expect(ignored).toEqual([]);
    expect(pushes).toEqual([
      { ...PUSH, time: '2026-01-10T21:58:23.000Z', id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    ]);
    expect(parseHarbor(eventFixture('harbor-push'), {}, CONTEXT).pushes[0]?.id).toBe(pushes[0]?.id);
    expect(spoilt(put('occur_at', 1768082304)).pushes[0]?.id).not.toBe(pushes[0]?.id);
  });

  it('reads a push as CloudEvent, in the body and in headers', () => {
    const push = { ...PUSH, time: '2026-03-06T06:08:43.000Z', id: '4b2f89a6-548d-4c12-9993-a1f5790b97d2' };
    expect(parseHarbor(eventFixture('harbor-cloud-event'), {}, CONTEXT).pushes).toEqual([push]);
    const headers = {
      'ce-specversion': '1.0',
      'ce-type': 'harbor.artifact.pushed',
      'ce-id': push.id,
      'ce-time': push.time,
    };
    const body = spoiltEvent('harbor-cloud-event', event => event.data);
    expect(parseHarbor(body, headers, CONTEXT).pushes).toEqual([push]);
  });

  it('takes a digest in the place of the tag for an untagged push', () => {
    const [push] = spoilt(put('event_data.resources.0.tag', DIGEST)).pushes;
    expect(push).toMatchObject({ digest: DIGEST });
    expect(push).not.toHaveProperty('tag');
  });

  it('reads deletions of both formats', () => {
    expect(spoilt(put('type', 'DELETE_ARTIFACT')).pushes[0]).toMatchObject({
      action: 'delete',
    });
    const deleted = spoilt(put('type', 'harbor.artifact.deleted'), 'harbor-cloud-event');
    expect(deleted.pushes[0]).toMatchObject({ action: 'delete', tag: '1.4.0-amd64' });
  });

  it('reads every resource, each with an id of its own', () => {
    const { pushes } = spoilt(event => {
      const [one] = event.event_data.resources;
      event.event_data.resources.push({ ...one, tag: '1.4.0-arm64' });
    });
    expect(pushes.map(({ tag }) => tag)).toEqual(['1.4.0-amd64', '1.4.0-arm64']);
    expect(new Set(pushes.map(({ id }) => id)).size).toBe(2);
  });

  it.each(['PULL_ARTIFACT', 'SCANNING_COMPLETED', 'QUOTA_EXCEED', 'REPLICATION', 'TAG_RETENTION'])(
    'ignores %s',
    type => {
      expect(spoilt(put('type', type))).toEqual({
        pushes: [],
        ignored: [{ reason: 'it is neither a push nor a deletion of an artifact' }],
      });
    },
  );

  it('never takes the registry from the event', () => {
    const text = JSON.stringify(
      spoilt(put('event_data.resources.0.resource_url', 'evil.example/library/app:1')),
    );
    expect(text).not.toContain('evil');
  });

  const resource = (change: object) => (event: { event_data: { resources: object[] } }) => {
    Object.assign(event.event_data.resources[0]!, change);
  };
  it.each<[string, Spoil, string]>([
    ['no type', put('type', undefined), 'type is missing'],
    ['no data', put('event_data', undefined), 'event_data is missing'],
    ['a time that is text', put('occur_at', 'now'), 'occur_at is no time'],
    ['a time beyond the calendar', put('occur_at', 1e15), 'occur_at is no time'],
    ['no repository', put('event_data.repository', undefined), 'event_data.repository is missing'],
    [
      'a repository that climbs',
      put('event_data.repository.repo_full_name', 'library/../app'),
      'event_data.repository.repo_full_name is no name of a repository',
    ],
    ['no resources', put('event_data.resources', []), 'event_data.resources is empty'],
    ['a bad tag', resource({ tag: 'a b' }), 'event_data.resources[0].tag is no tag'],
    [
      'neither tag nor digest',
      resource({ tag: '', digest: '' }),
      'event_data.resources[0].digest is missing',
    ],
  ])('refuses %s', (_, spoil, reason) => {
    expect(() => spoilt(spoil)).toThrow(expect.objectContaining({ code: 'bad-event', reason }));
  });
});
