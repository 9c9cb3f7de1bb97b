import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Descriptor } from '../../../lib/image/descriptor.ts';
import type { ManifestContent } from '../../../lib/image/manifest.ts';
import { type Meaning, meaningOf, sameMeaning } from '../../../lib/image/meaning.ts';
import { DOCKER_MANIFEST } from '../../../lib/image/media-types.ts';
import { normalisePlatform } from '../../../lib/image/platform.ts';
import { readManifestContent } from '../../../lib/image/read-manifest.ts';
import { anyDescriptor } from './arbitraries.ts';
import { fixtureManifest } from './manifest-fixture.ts';

function meaning(manifests: readonly Descriptor[], annotations: Record<string, string> = {}): Meaning {
  return meaningOf({ kind: 'index', manifests, annotations });
}

const { manifests } = readManifestContent(fixtureManifest('buildx-index')) as ManifestContent & {
  kind: 'index';
};
const original = meaning(manifests);
const [amd64, arm64, provenance] = manifests as [Descriptor, Descriptor, Descriptor];

describe('sameMeaning', () => {
  it('does not look at order, annotations, sizes or spelling', () => {
    expect(sameMeaning(original, meaning(manifests.toReversed(), { a: 'b' }))).toBe(true);
    expect(sameMeaning(original, meaning([...manifests, amd64]))).toBe(true);
    const platform = { os: 'linux', architecture: 'aarch64', variant: '8' };
    const respelt = { ...arm64, platform, size: 1, mediaType: DOCKER_MANIFEST, annotations: { c: 'd' } };
    expect(sameMeaning(original, meaning(manifests.map(entry => (entry === arm64 ? respelt : entry))))).toBe(
      true,
    );
  });

  it.each([
    ['a child more', [...manifests, { ...amd64, digest: provenance.digest }]],
    ['a child less', manifests.slice(1)],
    ['an attestation less', manifests.slice(0, -1)],
    ['nothing', []],
    [
      'another platform',
      manifests.map(entry => (entry === arm64 ? { ...entry, platform: amd64.platform! } : entry)),
    ],
    ['no platform', manifests.map(({ platform, ...rest }) => rest)],
    [
      'an attestation of another child',
      manifests.map(entry => (entry === provenance ? { ...manifests[3]!, digest: entry.digest } : entry)),
    ],
    [
      'an image where an attestation was',
      manifests.map(entry => (entry === provenance ? { ...amd64, digest: entry.digest } : entry)),
    ],
  ])('tells %s', (_, other) => {
    expect(sameMeaning(original, meaning(other))).toBe(false);
    expect(sameMeaning(meaning(other), original)).toBe(false);
  });

  it('is an equivalence that shuffling and normalising never leave', () => {
    const entries = fc.array(anyDescriptor, { maxLength: 5 });
    const twoOrders = entries.chain(list =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(twoOrders, entries, ([list, shuffled], other) => {
        const normalised = shuffled.map(entry => {
          return entry.platform ? { ...entry, platform: normalisePlatform(entry.platform) } : entry;
        });
        expect(sameMeaning(meaning(list), meaning(normalised))).toBe(true);
        expect(sameMeaning(meaning(list), meaning(other))).toBe(sameMeaning(meaning(other), meaning(list)));
      }),
    );
  });
});
