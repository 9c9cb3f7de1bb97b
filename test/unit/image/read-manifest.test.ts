import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../lib/image/digest.ts';
import type { ManifestContent } from '../../../lib/image/manifest.ts';
import {
  DOCKER_CONFIG,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../lib/image/media-types.ts';
import { formatPlatform } from '../../../lib/image/platform.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { fixtureBytes, fixtureManifest, manifestOfJson } from './manifest-fixture.ts';

type Index = ManifestContent & { readonly kind: 'index' };
type Image = ManifestContent & { readonly kind: 'image' | 'artifact' };

function read(name: string): ManifestContent {
  return readManifestContent(fixtureManifest(name));
}

function platformsOf(name: string): readonly string[] {
  return (read(name) as Index).manifests.map(({ platform }) =>
    platform ? formatPlatform(platform) : 'none',
  );
}

describe('readManifestContent', () => {
  it('reads a Docker image', () => {
    const content = read('docker-image') as Image;
    expect(content.kind).toBe('image');
    expect(content.config).toEqual({
      mediaType: DOCKER_CONFIG,
      digest: digestOf(fixtureBytes('docker-config-arm64')),
      size: fixtureBytes('docker-config-arm64').byteLength,
    });
    expect(content.layers.map(layer => layer.size)).toEqual([2706768, 285063, 149107204]);
    expect(content.annotations).toEqual({});
  });

  it('reads an OCI image with its annotations', () => {
    const content = read('oci-image') as Image;
    expect(content.kind).toBe('image');
    expect(content.config.mediaType).toBe(OCI_CONFIG);
    expect(content.annotations).toEqual({ 'org.opencontainers.image.created': '2026-11-22T10:01:07Z' });
    expect(content).not.toHaveProperty('subject');
    expect(content).not.toHaveProperty('artifactType');
  });

  it('reads a Docker manifest list with CPU features as they are', () => {
    expect((read('docker-list') as Index).manifests).toMatchObject([
      { mediaType: DOCKER_MANIFEST, size: 7143, platform: { architecture: 'ppc64le', os: 'linux' } },
      { size: 7682, platform: { architecture: 'amd64', os: 'linux', features: ['sse4'] } },
    ]);
  });

  it('reads the builds of Windows', () => {
    expect(platformsOf('windows-list')).toEqual([
      'linux/amd64',
      'windows/amd64:10.0.17763.1697',
      'windows/amd64:10.0.20348.2402',
    ]);
  });

  it('reads an index of buildx with its attestations', () => {
    expect(platformsOf('buildx-index')).toEqual([
      'linux/amd64',
      'linux/arm64/v8',
      'unknown/unknown',
      'unknown/unknown',
    ]);
    const [image, , attestation] = (read('buildx-index') as Index).manifests;
    expect(image).toMatchObject({
      digest: digestOf(fixtureBytes('oci-image')),
      size: fixtureBytes('oci-image').byteLength,
    });
    expect(attestation?.annotations?.['vnd.docker.reference.digest']).toBe(image?.digest);
  });

  it('reads the artifact form of an attestation, subject and inline data included', () => {
    const content = read('attestation-artifact') as Image;
    expect(content.kind).toBe('artifact');
    expect(content.artifactType).toBe('application/vnd.docker.attestation.manifest.v1+json');
    expect(content.subject?.digest).toBe(digestOf(fixtureBytes('oci-image')));
    expect(content.config.data).toBe('e30=');
  });

  it.each(['soci-manifest', 'helm-chart'])('tells by its config that %s is no image', name => {
    expect(read(name).kind).toBe('artifact');
  });

  it.each(['attestation', 'cosign-signature'])('tells by its layers that %s is no image', name => {
    expect(read(name).kind).toBe('artifact');
  });

  it('takes an image with any Docker config for one, and one without layers too', () => {
    const config = {
      mediaType: 'application/vnd.docker.container.image.v2+json',
      digest: digestOf(new Uint8Array()),
      size: 0,
    };
    const image = { schemaVersion: 2, config, layers: [] };
    expect(readManifestContent(manifestOfJson(image)).kind).toBe('image');
    const docker = { ...config, mediaType: 'application/vnd.docker.container.image.v1+json' };
    expect(readManifestContent(manifestOfJson({ ...image, config: docker })).kind).toBe('image');
    for (const mediaType of [
      'application/octet-stream',
      'application/vnd.docker.container.image.rootfs.diff+x-gtar',
    ]) {
      const other = { ...image, config: { ...config, mediaType } };
      expect(readManifestContent(manifestOfJson(other)).kind).toBe('artifact');
    }
  });

  it('takes an image for one as long as one of its layers is no statement', () => {
    const kindOf = (...types: readonly string[]) => {
      const { layers, ...rest } = JSON.parse(new TextDecoder().decode(fixtureBytes('oci-image')));
      const all = types.map(mediaType => ({ ...layers[0], mediaType }));
      return readManifestContent(manifestOfJson({ ...rest, layers: all })).kind;
    };
    const layer = 'application/vnd.oci.image.layer.v1.tar+gzip';
    expect(kindOf('application/vnd.in-toto+json', layer)).toBe('image');
    expect(kindOf('application/vnd.in-toto+json', 'application/vnd.dsse.envelope.v1+json')).toBe('artifact');
    expect(kindOf('application/vnd.in-toto+jsonl')).toBe('image');
    expect(kindOf('x-application/vnd.in-toto+json')).toBe('image');
  });

  it('takes an image for an artifact as soon as it has an artifact type', () => {
    const image = JSON.parse(new TextDecoder().decode(fixtureBytes('oci-image')));
    expect(readManifestContent(manifestOfJson({ ...image, artifactType: 'application/vnd.x' })).kind).toBe(
      'artifact',
    );
    expect(readManifestContent(manifestOfJson({ ...image, artifactType: '' })).kind).toBe('image');
  });

  it('reads an index of indexes, of which one says no platform', () => {
    expect(platformsOf('nested-index')).toEqual(['none', 'none']);
    const content = read('nested-index') as Index;
    expect(content.manifests.map(entry => entry.mediaType)).toEqual([OCI_INDEX, OCI_INDEX]);
    expect(content.annotations).toEqual({ 'org.opencontainers.image.version': '1.0' });
  });

  it('keeps os.features and artifact types of entries', () => {
    expect((read('nydus-index-os-features') as Index).manifests[1]?.platform?.['os.features']).toEqual([
      'nydus.remoteimage.v1',
    ]);
    expect((read('soci-index') as Index).manifests[1]?.artifactType).toBe(
      'application/vnd.amazon.soci.index.v2+json',
    );
  });

  it('reads an index without entries, subject and artifact type included', () => {
    const subject = { mediaType: OCI_MANIFEST, digest: digestOf(new Uint8Array()), size: 0 };
    const value = {
      schemaVersion: 2,
      manifests: [],
      subject,
      artifactType: 'application/vnd.x',
      annotations: { a: 'b' },
    };
    expect(readManifestContent(manifestOfJson(value, OCI_INDEX))).toEqual({
      kind: 'index',
      manifests: [],
      subject,
      artifactType: 'application/vnd.x',
      annotations: { a: 'b' },
    });
  });

  it('takes null for absent where a field may be absent, as Go writes it', () => {
    const value = { schemaVersion: 2, mediaType: null, manifests: [], annotations: null, subject: null };
    expect(readManifestContent(manifestOfJson(value, OCI_INDEX))).toEqual({
      kind: 'index',
      manifests: [],
      annotations: {},
    });
  });

  it('ignores fields that nobody knows and keys that JavaScript does', () => {
    const text = `{"schemaVersion":2,"mediaType":"${DOCKER_LIST}","manifests":[],"x":1,"__proto__":{"annotations":{"a":"b"}}}`;
    const bytes = new TextEncoder().encode(text);
    const content = readManifestContent({ bytes, digest: digestOf(bytes), mediaType: DOCKER_LIST });
    expect(content.annotations).toEqual({});
  });
});
