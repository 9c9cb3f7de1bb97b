import { describe, expect, it } from '@jest/globals';
import { endpointOf } from '../../../../lib/server/registry/endpoint.ts';

describe('the endpoint of a path', () => {
  it.each([
    ['/v2/', 'ping', '', ''],
    ['/v2', 'ping', '', ''],
    ['/v2/_catalog', 'catalogue', '', ''],
    ['/v2/a/tags/list', 'tags', 'a', ''],
    ['/v2/a/b/c/manifests/1.0', 'manifest', 'a/b/c', '1.0'],
    ['/v2/a/manifests/sha256:0f', 'manifest', 'a', 'sha256:0f'],
    ['/v2/a/manifests/sha256%3A0f', 'manifest', 'a', 'sha256:0f'],
    ['/v2/a/referrers/sha256:0f', 'referrers', 'a', 'sha256:0f'],
    ['/v2/a/blobs/sha256:0f', 'blob', 'a', 'sha256:0f'],
    ['/v2/a/blobs/uploads/', 'uploads', 'a', ''],
    ['/v2/a/blobs/uploads', 'uploads', 'a', ''],
    ['/v2/a/blobs/uploads/77', 'upload', 'a', '77'],
    ['/v2/a/manifests/b/blobs/uploads/77', 'upload', 'a/manifests/b', '77'],
    ['/v2/a/blobs/uploads/b/manifests/1', 'manifest', 'a/blobs/uploads/b', '1'],
    ['/v2/tags/list/tags/list', 'tags', 'tags/list', ''],
    ['/v2/a/manifests/tags/list', 'tags', 'a/manifests', ''],
    ['/v2/a/manifests/%ff', 'manifest', 'a', '%ff'],
  ])('%s is %s of %j with %j', (path, kind, repository, reference) => {
    expect(endpointOf(path)).toEqual({ kind, repository, reference });
  });

  it.each([
    '/',
    '/v1/',
    '/v2x',
    '/v2/a',
    '/v2/a/tags',
    '/v2/manifests/1',
    '/v2/a/manifests/',
    '/v2/a/blobs/',
  ])('%s is none', path => {
    expect(endpointOf(path)).toBeUndefined();
  });
});
