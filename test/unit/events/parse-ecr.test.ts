import { describe, expect, it } from '@jest/globals';
import { ecrRegistry } from '../../../lib/events/ecr-registry.ts';
import { parseEcr } from '../../../lib/events/parse-ecr.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { put, type Spoil, spoiltEvent } from '../../support/event-fixture.ts';

const parsed = (name: string, spoil: Spoil = () => undefined) =>
  parseEcr(JSON.parse(Buffer.from(spoiltEvent(name, spoil)).toString()));
const REGISTRY = '123456789012.dkr.ecr.us-west-2.amazonaws.com';

describe('parseEcr', () => {
  it('reads a push of a tag, and takes the registry from account and Region', () => {
    expect(parsed('ecr-push')).toEqual({
      pushes: [
        {
          registry: REGISTRY,
          repository: 'team/app',
          tag: '1.4.0-amd64',
          digest: `sha256:${'a'.repeat(64)}`,
          mediaType: OCI_MANIFEST,
          action: 'push',
          time: '2026-01-16T01:54:34.000Z',
          id: '11111111-328b-6117-af20-0e5566167482',
        },
      ],
      ignored: [],
    });
  });

  it.each([
    ['is empty', (): undefined => undefined],
    ['is missing', put('detail.image-tag', undefined)],
  ])('reads a push whose tag %s as one of a digest', (_, spoil) => {
    const [push] = parsed('ecr-push-untagged', spoil).pushes;
    expect(push).toMatchObject({ digest: `sha256:${'b'.repeat(64)}`, action: 'push' });
    expect(push).not.toHaveProperty('tag');
  });

  it('reads a deletion, which tells no media type', () => {
    const [push] = parsed('ecr-delete').pushes;
    expect(push).toMatchObject({ action: 'delete', tag: '1.4.0-amd64', registry: REGISTRY });
    expect(push).not.toHaveProperty('mediaType');
  });

  it.each([
    ['ecr-archive', 'it is neither a push nor a deletion'],
    ['ecr-replication', 'it tells of a replicated image; its index is replicated too'],
    ['ecr-referrer', 'it is about a signature or the like, not an image'],
    ['ecr-pull-through-cache', 'it is about a cached image of another registry'],
    ['ecr-scan', 'it is not about a push'],
  ])('ignores %s and says why', (name, reason) => {
    expect(parsed(name)).toEqual({ pushes: [], ignored: [{ reason }] });
  });

  it.each<[string, Spoil, string]>([
    ['an event of another source', put('source', 'team.pipeline'), 'it is not from ECR'],
    ['a push that failed', put('detail.result', 'FAILURE'), 'it failed'],
    [
      'a push of a chart',
      put('detail.manifest-media-type', 'application/vnd.cncf.helm.config.v1+json'),
      'it is about something that is no image',
    ],
  ])('ignores %s', (_, spoil, reason) => {
    expect(parsed('ecr-push', spoil)).toEqual({ pushes: [], ignored: [{ reason }] });
  });

  it('never takes the registry from what a sender could write', () => {
    const spoil: Spoil = event => {
      event.resources = ['arn:aws:ecr:eu-west-1:999999999999:repository/evil'];
      event.detail['registry-id'] = '999999999999';
    };
    expect(parsed('ecr-push', spoil).pushes[0]?.registry).toBe(REGISTRY);
  });

  it.each<[string, Spoil, string]>([
    ['no account', put('account', undefined), 'account is missing'],
    ['an account that is none', put('account', 'evil.example/'), 'account is not what ECR sends'],
    ['a Region that is none', put('region', 'us-west-2.evil'), 'region is not what ECR sends'],
    ['no detail', put('detail', undefined), 'detail is missing'],
    ['no action', put('detail.action-type', undefined), 'detail.action-type is missing'],
    [
      'a repository that climbs',
      put('detail.repository-name', '../x'),
      'detail.repository-name is no name of a repository',
    ],
    ['a tag with a line end', put('detail.image-tag', 'a\nb'), 'detail.image-tag is no tag'],
    [
      'a digest that is cut',
      put('detail.image-digest', 'sha256:abc'),
      'detail.image-digest is not a sha256 or sha512 digest',
    ],
    ['no id', put('id', undefined), 'id is missing'],
    ['no time', put('time', undefined), 'time is missing'],
  ])('refuses %s', (_, spoil, reason) => {
    expect(() => parsed('ecr-push', spoil)).toThrow(expect.objectContaining({ code: 'bad-event', reason }));
  });

  it('refuses a push without tag and digest', () => {
    const spoil: Spoil = event => {
      event.detail['image-tag'] = '';
      delete event.detail['image-digest'];
    };
    expect(() => parsed('ecr-push', spoil)).toThrow(
      expect.objectContaining({ reason: 'detail.image-digest is missing' }),
    );
  });

  it.each([[undefined], [null], ['text'], [[1]]])('refuses %j, which is no event', value => {
    expect(() => parseEcr(value)).toThrow(expect.objectContaining({ code: 'bad-event' }));
  });
});

describe('ecrRegistry', () => {
  it.each([
    ['eu-west-1', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
  ])('names the host of %s in its partition', (region, suffix) => {
    expect(ecrRegistry('123456789012', region)).toBe(`123456789012.dkr.ecr.${region}.${suffix}`);
  });
});
