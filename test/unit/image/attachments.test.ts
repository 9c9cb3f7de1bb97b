import { describe, expect, it } from '@jest/globals';
import { attachedTo, isRunnable } from '../../../lib/image/attachments.ts';
import type { Descriptor } from '../../../lib/image/descriptor.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import type { ManifestContent } from '../../../lib/image/manifest.ts';
import { DOCKER_CONFIG, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { fixtureBytes, fixtureManifest } from './manifest-fixture.ts';

function entries(name: string): readonly Descriptor[] {
  return (readManifestContent(fixtureManifest(name)) as ManifestContent & { kind: 'index' }).manifests;
}

const IMAGE = digestOf(fixtureBytes('oci-image'));
const plain: Descriptor = { mediaType: OCI_MANIFEST, digest: IMAGE, size: 1 };

describe('isRunnable', () => {
  it.each([
    ['docker-list', [true, true]],
    ['windows-list', [true, true, true]],
    ['buildx-index', [true, true, false, false]],
    ['buildx-index-artifact', [true, false]],
    ['soci-index', [true, false]],
    ['nydus-index', [true, false]],
    ['nydus-index-os-features', [true, true]],
    ['nested-index', [true, true]],
  ])('tells the entries of %s apart', (name, expected) => {
    expect(entries(name).map(isRunnable)).toEqual(expected);
  });

  it('is false for each single mark of something else', () => {
    const platform = { os: 'linux', architecture: 'amd64' };
    expect(isRunnable({ ...plain, platform })).toBe(true);
    expect(isRunnable({ ...plain, mediaType: OCI_INDEX })).toBe(true);
    expect(isRunnable({ ...plain, artifactType: '' })).toBe(true);
    expect(isRunnable({ ...plain, platform, artifactType: 'application/vnd.x' })).toBe(false);
    expect(isRunnable({ ...plain, platform, artifactType: OCI_CONFIG })).toBe(true);
    expect(isRunnable({ ...plain, platform, artifactType: DOCKER_CONFIG })).toBe(true);
    expect(isRunnable({ ...plain, platform, annotations: { 'vnd.docker.reference.type': 'x' } })).toBe(false);
    expect(isRunnable({ ...plain, annotations: { 'com.amazon.soci.image-manifest-digest': IMAGE } })).toBe(
      false,
    );
    expect(isRunnable({ ...plain, platform: { os: 'unknown', architecture: 'unknown' } })).toBe(false);
    expect(
      isRunnable({ ...plain, mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }),
    ).toBe(false);
  });
});

describe('attachedTo', () => {
  it.each(['buildx-index', 'buildx-index-artifact', 'soci-index'])('names a sibling in %s', name => {
    const all = entries(name);
    const attached = all.filter(entry => !isRunnable(entry));
    const images = all.filter(isRunnable).map(entry => entry.digest);
    expect(attached.map(attachedTo)).toEqual(images);
    expect(all.filter(isRunnable).map(attachedTo)).toEqual(images.map(() => undefined));
  });

  it('takes nothing that is no digest', () => {
    expect(
      attachedTo({ ...plain, annotations: { 'vnd.docker.reference.digest': 'latest' } }),
    ).toBeUndefined();
    expect(attachedTo({ ...plain, annotations: {} })).toBeUndefined();
    expect(attachedTo(plain)).toBeUndefined();
  });
});
