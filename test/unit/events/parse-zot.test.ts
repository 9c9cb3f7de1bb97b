import { describe, expect, it } from '@jest/globals';
import { parseZot } from '../../../lib/events/parse-zot.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { eventFixture, put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const CONTEXT = { registry: 'zot.configured' };
const DIGEST = `sha256:${'a'.repeat(64)}`;
const spoilt = (spoil: Spoil) => parseZot(spoiltEvent('zot-updated', spoil), {}, CONTEXT);
const PUSH = {
  registry: 'zot.configured',
  repository: 'team/app',
  tag: '1.4.0-amd64',
  digest: DIGEST,
  mediaType: OCI_MANIFEST,
  action: 'push',
  time: '2026-03-06T06:08:43.000Z',
  id: '9b2c1f5e-0000-4000-8000-000000000001',
};

describe('parseZot', () => {
  it('reads an update whose attributes are in the body', () => {
    expect(parseZot(eventFixture('zot-updated'), {}, CONTEXT)).toEqual({ pushes: [PUSH], ignored: [] });
  });

  it('reads the same from headers with the data alone as body', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': PUSH.id,
      'ce-source': 'zotregistry.dev',
      'ce-type': 'zotregistry.image.updated',
      'ce-time': '2026-03-06T06:08:43Z',
      'content-type': 'application/json',
    };
    const body = spoiltEvent('zot-updated', event => event.data);
    expect(parseZot(body, headers, CONTEXT)).toEqual({ pushes: [PUSH], ignored: [] });
  });

  it('reads header values that are percent-encoded', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'a%2Fb',
      'ce-type': 'zotregistry.image.updated',
      'ce-time': '2026-03-06T06%3A08%3A43Z',
    };
    const body = spoiltEvent('zot-updated', event => event.data);
    expect(parseZot(body, headers, CONTEXT).pushes[0]).toMatchObject({ id: 'a/b', time: PUSH.time });
  });

  it('reads a deletion', () => {
    const [push] = spoilt(put('type', 'zotregistry.image.deleted')).pushes;
    expect(push).toEqual({ ...PUSH, action: 'delete' });
  });

  it('takes a digest as reference for an untagged push', () => {
    const [push] = spoilt(event => {
      event.data.reference = DIGEST;
      delete event.data.digest;
    }).pushes;
    expect(push).toMatchObject({ digest: DIGEST });
    expect(push).not.toHaveProperty('tag');
  });

  it.each(['zotregistry.image.lint_failed', 'zotregistry.image.scanned', 'zotregistry.repository.created'])(
    'ignores %s',
    type => {
      expect(spoilt(put('type', type))).toEqual({
        pushes: [],
        ignored: [{ reason: 'it is neither an update nor a deletion of an image' }],
      });
    },
  );

  it('ignores what is no image', () => {
    const { pushes, ignored } = spoilt(put('data.mediaType', 'application/x-helm'));
    expect([pushes.length, ignored]).toEqual([0, [{ reason: 'it is about something that is no image' }]]);
  });

  it('never takes the registry from the event', () => {
    const text = JSON.stringify(
      spoilt(event => {
        event.source = 'https://evil.example';
        event.data.registry = 'evil.example';
        event.data.request.host = 'evil.example';
      }),
    );
    expect(text).not.toContain('evil');
  });

  it.each<[string, Spoil, string]>([
    ['another version of CloudEvents', put('specversion', '0.3'), 'specversion is not 1.0'],
    ['no id', put('id', undefined), 'id is missing'],
    ['no time', put('time', undefined), 'time is missing'],
    ['data that is no object', put('data', 'x'), 'data is not an object'],
    ['no data', put('data', undefined), 'data is missing'],
    ['no repository', put('data.name', undefined), 'data.name is missing'],
    ['a repository that climbs', put('data.name', '../x'), 'data.name is no name of a repository'],
    ['a tag that is turned round', put('data.reference', 'a\u202e'), 'data.reference is no tag'],
    ['no reference and no digest', put('data', { name: 'app' }), 'data.reference is missing'],
    [
      'a digest of another kind',
      put('data.digest', 'sha1:aa'),
      'data.digest is not a sha256 or sha512 digest',
    ],
  ])('refuses %s', (_, spoil, reason) => {
    expect(() => spoilt(spoil)).toThrow(expect.objectContaining({ code: 'bad-event', reason }));
  });

  it('names the header that is wrong', () => {
    const headers = { 'ce-specversion': '1.0', 'ce-type': 'zotregistry.image.updated', 'ce-time': 'soon' };
    const body = spoiltEvent('zot-updated', event => event.data);
    const parse = (more: object) => () => parseZot(body, { ...headers, ...more }, CONTEXT);
    expect(parse({})).toThrow(expect.objectContaining({ reason: 'ce-id is missing' }));
    expect(parse({ 'ce-id': '7' })).toThrow(expect.objectContaining({ reason: 'ce-time is no time' }));
    expect(parse({ 'ce-id': '%zz' })).toThrow(expect.objectContaining({ reason: 'ce-time is no time' }));
    expect(parse({ 'ce-id': '%0a' })).toThrow(
      expect.objectContaining({ reason: 'ce-id is not 1 to 256 printable ASCII characters' }),
    );
  });
});
