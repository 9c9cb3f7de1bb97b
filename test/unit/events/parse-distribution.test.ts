import { describe, expect, it } from '@jest/globals';
import { parseDistribution } from '../../../lib/events/parse-distribution.ts';
import { DOCKER_LIST, OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { eventFixture, put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'registry.configured:5000' };
const DIGEST = 'sha256:09ade42fe3e69018a3360bb092265af902f9e7d6013146cf152c82ac3a944707';
const parsed = (name: string) => parseDistribution(eventFixture(name), CONTEXT);
const spoilt = (spoil: Spoil) => parseDistribution(spoiltEvent('distribution-push', spoil), CONTEXT);

function complaint(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    expect(error).toMatchObject({ name: 'ArchweaveError', code: 'bad-event', retryable: false });
    return (error as { reason: string }).reason;
  }
  throw new Error('nothing was thrown');
}

describe('parseDistribution', () => {
  it('reads the push of a tag that docker-registry announced', () => {
    expect(parsed('distribution-push')).toEqual({
      pushes: [
        {
          registry: 'registry.configured:5000',
          repository: 'team/app',
          tag: '1.4.0-amd64',
          digest: DIGEST,
          mediaType: OCI_MANIFEST,
          action: 'push',
          time: '2026-11-23T03:21:15.069Z',
          id: '1c62c7f5-098e-49d6-a1d7-32c10bdabdd4',
        },
      ],
      ignored: [],
    });
  });

  it('reads the deletion of a tag, which has no digest, and of a digest, which has no tag', () => {
    const [tag] = parsed('distribution-tag-delete').pushes;
    expect(tag).toMatchObject({ action: 'delete', repository: 'team/app', tag: '1.4.0-amd64' });
    expect(tag).not.toHaveProperty('digest');
    const [digest] = parsed('distribution-digest-delete').pushes;
    expect(digest).toMatchObject({ action: 'delete', digest: DIGEST });
    expect(digest).not.toHaveProperty('tag');
  });

  it('ignores blobs, pulls and mounts, and says so', () => {
    expect(parsed('distribution-blob-push')).toEqual({
      pushes: [],
      ignored: [{ reason: 'it is about a blob, not a manifest' }],
    });
    expect(parsed('distribution-pull')).toEqual({ pushes: [], ignored: [{ reason: 'it is a pull' }] });
    const mount = spoilt(put('events.0.action', 'mount'));
    expect(mount).toEqual({ pushes: [], ignored: [{ reason: 'it is a mount of a blob' }] });
    const other = spoilt(put('events.0.action', 'constructor'));
    expect(other).toEqual({ pushes: [], ignored: [{ reason: 'its action is unknown' }] });
  });

  it('reads every event of an envelope, whatever stands next to it, in its order', () => {
    const { pushes, ignored } = spoilt(({ events: [event] }) => ({
      events: [
        event,
        { ...event, action: 'pull' },
        { ...event, id: 'second', target: { ...event.target, tag: '1.4.0-arm64', mediaType: OCI_INDEX } },
        { ...event, id: 'third', target: { ...event.target, repository: 'other', mediaType: DOCKER_LIST } },
      ],
    }));
    expect(pushes.map(({ repository, tag }) => `${repository}:${tag}`)).toEqual([
      'team/app:1.4.0-amd64',
      'team/app:1.4.0-arm64',
      'other:1.4.0-amd64',
    ]);
    expect(ignored).toHaveLength(1);
  });

  it('takes an envelope without events for what it is', () => {
    expect(spoilt(() => ({ events: [] }))).toEqual({ pushes: [], ignored: [] });
  });

  it('takes an empty tag, and a digest in its place, for no tag', () => {
    for (const tag of ['', null, DIGEST]) {
      const [push] = spoilt(put('events.0.target.tag', tag)).pushes;
      expect(push).not.toHaveProperty('tag');
      expect(push).toMatchObject({ digest: DIGEST });
    }
  });

  it('reads a push without a media type, since not every registry tells it', () => {
    const [push] = spoilt(put('events.0.target.mediaType', undefined)).pushes;
    expect(push).toMatchObject({ tag: '1.4.0-amd64' });
    expect(push).not.toHaveProperty('mediaType');
  });

  it('never takes the registry from the body', () => {
    const text = JSON.stringify(
      spoilt(({ events: [event] }) => {
        event.request.host = 'evil.example';
        event.source.addr = 'evil.example:443';
        event.target.url = 'https://evil.example/v2/team/app/manifests/latest';
        event.registry = 'evil.example';
        event.target.registry = 'evil.example';
      }),
    );
    expect(text).not.toContain('evil');
    expect(text).toContain('registry.configured:5000');
  });

  it('puts the time of arrival where an event has none', () => {
    const body = spoiltEvent('distribution-push', put('events.0.timestamp', undefined));
    const receivedAt = '2026-11-23T04:00:00.000Z';
    expect(parseDistribution(body, { ...CONTEXT, receivedAt }).pushes[0]?.time).toBe(receivedAt);
  });

  it('ignores a bad event next to good ones, with the complaint, since a refused envelope comes again for ever', () => {
    const { pushes, ignored } = spoilt(({ events: [event] }) => ({
      events: [{ ...event, target: { ...event.target, repository: '../etc' } }, event],
    }));
    expect(pushes).toHaveLength(1);
    expect(ignored).toEqual([{ reason: 'events[0].target.repository is no name of a repository' }]);
  });

  const target = (change: object) => (envelope: { events: { target: object }[] }) => {
    Object.assign(envelope.events[0]!.target, change);
  };
  const event = (change: object) => (envelope: { events: object[] }) => {
    Object.assign(envelope.events[0]!, change);
  };
  const NO_NAME = 'events[0].target.repository is no name of a repository';
  const NO_TAG = 'events[0].target.tag is no tag';
  const NO_ID = 'events[0].id is not 1 to 256 printable ASCII characters';
  it.each<[string, Spoil, string]>([
    ['an envelope that is a list', () => [], 'it is not a JSON object'],
    ['an envelope that is a number', () => 7, 'it is not a JSON object'],
    ['no list of events', () => ({}), 'events is missing'],
    ['events that are no list', () => ({ events: 'push' }), 'events is not a list'],
    ['an event that is no object', () => ({ events: [null] }), 'events[0] is not an object'],
    ['an action that is no text', event({ action: ['push'] }), 'events[0].action is not a string'],
    ['no action', event({ action: null }), 'events[0].action is missing'],
    ['a target that is text', event({ target: 'team/app:1' }), 'events[0].target is not an object'],
    ['no target', event({ target: null }), 'events[0].target is missing'],
    ['no repository', target({ repository: null }), 'events[0].target.repository is missing'],
    [
      'a repository that is a number',
      target({ repository: 7 }),
      'events[0].target.repository is not a string',
    ],
    ['an empty repository', target({ repository: '' }), NO_NAME],
    ['a repository that climbs', target({ repository: 'team/../../etc/passwd' }), NO_NAME],
    ['a repository with a host', target({ repository: 'evil.example:443/app' }), NO_NAME],
    ['a repository in upper case', target({ repository: 'Team/App' }), NO_NAME],
    ['a repository with a line break', target({ repository: 'team/app\n10:01:07Z  published' }), NO_NAME],
    ['a repository with a query', target({ repository: 'app?n=1' }), NO_NAME],
    ['a repository of 300 characters', target({ repository: 'a'.repeat(300) }), NO_NAME],
    ['a repository of half a megabyte', target({ repository: 'a/'.repeat(250_000) }), NO_NAME],
    ['a tag with a slash', target({ tag: '../1.0' }), NO_TAG],
    ['a tag that is turned round', target({ tag: '1.0\u202eamd64' }), NO_TAG],
    ['a tag with a null', target({ tag: '1.0\u0000' }), NO_TAG],
    ['a tag with an escape code', target({ tag: '\u001b[2J' }), NO_TAG],
    ['a tag of 129 characters', target({ tag: 'a'.repeat(129) }), NO_TAG],
    ['a tag that is a list', target({ tag: ['1.0'] }), 'events[0].target.tag is not a string'],
    [
      'an md5',
      target({ digest: 'md5:d41d8cd98f00b204e9800998ecf8427e' }),
      'events[0].target.digest is not a sha256 or sha512 digest',
    ],
    [
      'a short digest',
      target({ digest: 'sha256:aaaa' }),
      'events[0].target.digest is not a sha256 or sha512 digest',
    ],
    ['a media type that is a number', target({ mediaType: 7 }), 'events[0].target.mediaType is not a string'],
    ['a time that is none', event({ timestamp: 'yesterday' }), 'events[0].timestamp is no time'],
    ['a day that is none', event({ timestamp: '2026-13-45T00:00:00Z' }), 'events[0].timestamp is no time'],
    ['a time as JavaScript likes it', event({ timestamp: '2026' }), 'events[0].timestamp is no time'],
    ['no time', event({ timestamp: null }), 'events[0].timestamp is missing'],
    ['no id', event({ id: null }), 'events[0].id is missing'],
    ['an empty id', event({ id: '' }), NO_ID],
    ['an id with a line break', event({ id: 'a\nb' }), NO_ID],
    ['an id that is turned round', event({ id: '\u2066a' }), NO_ID],
    ['an id of 10,000 characters', event({ id: 'a'.repeat(10_000) }), NO_ID],
  ])('refuses %s', (_, spoil, reason) => {
    expect(complaint(() => spoilt(spoil))).toBe(reason);
  });

  it('refuses what is no JSON or no UTF-8', () => {
    for (const body of ['', '{', '{"events":[', 'null-', '\ufeff{"events":[]}']) {
      expect(complaint(() => parseDistribution(Buffer.from(body), CONTEXT))).toBe('it is not JSON');
    }
    const latin = Buffer.from('{"events":["\xe9"]}', 'latin1');
    expect(complaint(() => parseDistribution(latin, CONTEXT))).toBe('it is not JSON');
    const deep = Buffer.from('['.repeat(500_000));
    expect(complaint(() => parseDistribution(deep, CONTEXT))).toBe('it is not JSON');
  });
});
