import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRunnable } from '../../../lib/image/attachments.ts';
import { buildIndex, type IndexChild } from '../../../lib/image/build-index.ts';
import type { Descriptor } from '../../../lib/image/descriptor.ts';
import { type Digest, digestOf, matchesDigest } from '../../../lib/image/digest.ts';
import type { ManifestContent } from '../../../lib/image/manifest.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { anyAnnotations, anyDescriptor, withShuffledKeys } from './arbitraries.ts';
import { fixtureManifest } from './manifest-fixture.ts';

function textOf(plan: Parameters<typeof buildIndex>[0]): string {
  return new TextDecoder().decode(buildIndex(plan).bytes);
}

function child(descriptor: Descriptor, ...attached: Descriptor[]): IndexChild {
  return { descriptor, attached };
}

function entriesOf(name: string): readonly Descriptor[] {
  return (readManifestContent(fixtureManifest(name)) as ManifestContent & { kind: 'index' }).manifests;
}

const A: Digest = `sha256:${'a'.repeat(64)}`;
const B: Digest = `sha256:${'b'.repeat(64)}`;
const C: Digest = `sha256:${'c'.repeat(64)}`;
const amd64: Descriptor = {
  mediaType: OCI_MANIFEST,
  digest: B,
  size: 7,
  platform: { os: 'linux', architecture: 'amd64' },
};
const arm64: Descriptor = {
  mediaType: OCI_MANIFEST,
  digest: A,
  size: 8,
  platform: { variant: 'v8', os: 'linux', architecture: 'arm64' },
};
const attestation = (digest: Digest, to: Digest): Descriptor => ({
  mediaType: OCI_MANIFEST,
  digest,
  size: 9,
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': to },
});

describe('buildIndex', () => {
  it('writes these very bytes, in every version of archweave', () => {
    const manifest = buildIndex({
      children: [child(amd64, attestation(C, B)), child(arm64)],
      format: 'oci',
      annotations: {
        'org.opencontainers.image.version': '1.0',
        'org.opencontainers.image.revision': '9f3c1e2',
      },
    });
    expect(new TextDecoder().decode(manifest.bytes)).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[' +
        `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${B}","size":7,"platform":{"architecture":"amd64","os":"linux"}},` +
        `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${A}","size":8,"platform":{"architecture":"arm64","os":"linux","variant":"v8"}},` +
        `{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"${C}","size":9,"annotations":{"vnd.docker.reference.digest":"${B}","vnd.docker.reference.type":"attestation-manifest"},"platform":{"architecture":"unknown","os":"unknown"}}` +
        '],"annotations":{"org.opencontainers.image.revision":"9f3c1e2","org.opencontainers.image.version":"1.0"}}',
    );
    expect(manifest.mediaType).toBe(OCI_INDEX);
    expect(manifest.digest).toBe(digestOf(manifest.bytes));
  });

  it('writes every field of an entry in one fixed order', () => {
    const full: Descriptor = {
      artifactType: 'application/vnd.x',
      data: 'e30=',
      urls: ['https://example.com/x'],
      annotations: { b: '2', a: '1', 10: 'x', 9: 'y' },
      platform: {
        features: ['sse4'],
        'os.features': ['win32k'],
        'os.version': '10.0.17763.1697',
        variant: 'v1',
        os: 'windows',
        architecture: 'amd64',
      },
      size: 2,
      digest: A,
      mediaType: OCI_MANIFEST,
    };
    expect(textOf({ children: [child(full)], format: 'oci' })).toContain(
      `[{"mediaType":"${OCI_MANIFEST}","digest":"${A}","size":2,"urls":["https://example.com/x"],` +
        '"annotations":{"10":"x","9":"y","a":"1","b":"2"},"data":"e30=",' +
        '"platform":{"architecture":"amd64","os":"windows","variant":"v1","os.version":"10.0.17763.1697","os.features":["win32k"],"features":["sse4"]},' +
        '"artifactType":"application/vnd.x"}]',
    );
  });

  it('writes platforms as the image says them, and leaves empty fields out', () => {
    const platform = {
      os: 'Linux',
      architecture: 'aarch64',
      variant: '',
      'os.version': '',
      'os.features': [],
    };
    expect(textOf({ children: [child({ ...amd64, platform })], format: 'oci', annotations: {} })).toMatch(
      /"platform":\{"architecture":"aarch64","os":"Linux"\}\}\]\}$/,
    );
  });

  it('writes a Docker manifest list without annotations and without what they would link', () => {
    const list = entriesOf('docker-list').map(entry =>
      child({ ...entry, annotations: { a: 'b' } }, attestation(C, A)),
    );
    const manifest = buildIndex({ children: list, format: 'docker', annotations: { a: 'b' } });
    const text = new TextDecoder().decode(manifest.bytes);
    expect(manifest.mediaType).toBe(DOCKER_LIST);
    expect(text).not.toContain('urls');
    const urls = ['https://mirror.example/x'];
    expect(textOf({ children: [child({ ...amd64, urls })], format: 'docker' })).toContain(
      '"urls":["https://mirror.example/x"]',
    );
    expect(text).not.toContain('annotations');
    expect(text).not.toContain('unknown');
    expect(text).toContain('"platform":{"architecture":"amd64","os":"linux","features":["sse4"]}');
    expect(readManifestContent(manifest)).toMatchObject({
      kind: 'index',
      manifests: [
        { mediaType: DOCKER_MANIFEST, platform: { architecture: 'ppc64le' } },
        { mediaType: DOCKER_MANIFEST, platform: { architecture: 'amd64', features: ['sse4'] } },
      ],
    });
  });

  it('puts attached entries after all images, by child, then by digest', () => {
    const children = [child(amd64, attestation(C, B), attestation(A, B)), child(arm64, attestation(B, A))];
    const built = readManifestContent(buildIndex({ children, format: 'oci' })) as ManifestContent & {
      kind: 'index';
    };
    expect(built.manifests.map(entry => entry.digest)).toEqual([B, A, A, C, B]);
    expect(built.manifests.map(isRunnable)).toEqual([true, true, false, false, false]);
  });

  it('leaves out what is there already, and nothing else', () => {
    const other = { ...amd64, platform: { os: 'linux', architecture: '386' } };
    const same = { ...amd64, platform: { os: 'linux', architecture: 'x86_64' } };
    const children = [
      child(amd64, attestation(C, B), attestation(C, B)),
      child(same, attestation(C, B)),
      child(other, attestation(C, A)),
    ];
    const built = readManifestContent(buildIndex({ children, format: 'oci' })) as ManifestContent & {
      kind: 'index';
    };
    expect(built.manifests).toEqual([amd64, other, attestation(C, B), attestation(C, A)]);
  });

  it('brings through an index of buildx whole', () => {
    const entries = entriesOf('buildx-index');
    const children = entries
      .filter(isRunnable)
      .map(entry =>
        child(
          entry,
          ...entries
            .filter(other => !isRunnable(other))
            .filter(other => other.annotations?.['vnd.docker.reference.digest'] === entry.digest),
        ),
      );
    expect(readManifestContent(buildIndex({ children, format: 'oci' }))).toMatchObject({
      manifests: entries,
    });
  });

  it('gives the same bytes whatever order its input was found in', () => {
    const plan = fc.record({
      children: fc.array(
        fc.record({ descriptor: anyDescriptor, attached: fc.array(anyDescriptor, { maxLength: 4 }) }),
        {
          maxLength: 4,
        },
      ),
      format: fc.constantFrom('oci' as const, 'docker' as const),
      annotations: anyAnnotations,
    });
    const noise = fc.array(fc.nat(1000), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(plan, noise, (value, numbers) => {
        let taken = 0;
        const shuffle = <T>(list: readonly T[]): T[] => {
          return list
            .map(item => ({ item, at: numbers[taken++ % numbers.length]! }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        };
        const shuffled = withShuffledKeys(value, names => shuffle(names));
        const children = shuffled.children.map(({ descriptor, attached }) => ({
          descriptor,
          attached: shuffle(attached),
        }));
        expect(textOf({ ...shuffled, children })).toBe(textOf(value));
      }),
    );
  });

  it('makes what it reads back as the same, under its digest', () => {
    const children = fc.array(fc.record({ descriptor: anyDescriptor, attached: fc.constant([]) }), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(children, anyAnnotations, (value, annotations) => {
        const manifest = buildIndex({ children: value, format: 'oci', annotations });
        expect(matchesDigest(manifest.bytes, manifest.digest)).toBe(true);
        const content = readManifestContent(manifest) as ManifestContent & { kind: 'index' };
        expect(Object.entries(content.annotations).sort()).toEqual(Object.entries(annotations).sort());
        const again = content.manifests.map(descriptor => ({ descriptor, attached: [] }));
        expect(buildIndex({ children: again, format: 'oci', annotations }).digest).toBe(manifest.digest);
      }),
    );
  });
});
