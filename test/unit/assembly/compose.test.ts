import { describe, expect, it } from '@jest/globals';
import { compose, meaningOfChosen } from '../../../lib/assembly/compose.ts';
import type { MemberImage } from '../../../lib/assembly/observation.ts';
import { sameMeaning } from '../../../lib/image/meaning.ts';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { digest, image } from './a-question.ts';

type Parts = Parameters<typeof compose>[0];

const RULE: Parts['rule'] = { format: 'auto', attestations: 'keep', annotations: {} };

function of(
  letter: string,
  more: Partial<MemberImage> = {},
  mediaType: string = OCI_MANIFEST,
): { image: MemberImage } {
  const plain = image(letter, letter === 'a' ? 'amd64' : 'arm64');
  return { image: { ...plain, descriptor: { ...plain.descriptor, mediaType }, ...more } };
}

const ATTACHED = {
  mediaType: OCI_MANIFEST,
  digest: digest('9'),
  size: 7,
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: {
    'vnd.docker.reference.digest': digest('a'),
    'vnd.docker.reference.type': 'attestation-manifest',
  },
};
const DOCKER = [of('a', {}, DOCKER_MANIFEST), of('b', {}, DOCKER_MANIFEST)];

function made(over: Partial<Omit<Parts, 'rule'>> & { rule?: Partial<Parts['rule']> } = {}) {
  const parts = {
    chosen: [of('a'), of('b')],
    build: { captures: {} },
    revision: undefined,
    shared: false,
    ...over,
    rule: { ...RULE, ...over.rule },
  };
  const { bytes, mediaType } = compose(parts);
  return { mediaType, ...JSON.parse(Buffer.from(bytes).toString()) };
}

describe('compose', () => {
  it('names each image by digest, size and platform, and annotates nothing but the build', () => {
    expect(made()).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [of('a').image.descriptor, of('b').image.descriptor],
      annotations: { 'dev.archweave.build': '{"captures":{}}' },
    });
  });

  it('tells the build and its revision', () => {
    const build = { captures: { run: '7' }, newest: '2026-11-22T10:00:00Z' };
    expect(made({ build, revision: 'c0ffee' }).annotations).toEqual({
      'dev.archweave.build': '{"captures":{"run":"7"},"newest":"2026-11-22T10:00:00Z"}',
      'org.opencontainers.image.revision': 'c0ffee',
    });
  });

  it('takes the annotations that all images agree on, and the rule has the last word', () => {
    const chosen = [
      of('a', { annotations: { license: 'MIT', title: 'app', base: 'amd64/debian' } }),
      of('b', { annotations: { license: 'MIT', title: 'app', base: 'arm64/debian', more: 'x' } }),
      of('c', { annotations: { license: 'MIT', title: 'app', base: 'amd64/debian' } }),
    ];
    const { annotations } = made({ chosen, rule: { annotations: { title: 'mine' } } });
    expect(annotations).toEqual({ license: 'MIT', title: 'mine', 'dev.archweave.build': '{"captures":{}}' });
  });

  it('keeps what is written on an entry, and writes nothing where nothing was', () => {
    const noted = of('a');
    const descriptor = { ...noted.image.descriptor, annotations: { note: 'x' }, artifactType: 'left/out' };
    const { manifests } = made({ chosen: [{ image: { ...noted.image, descriptor } }, of('b')] });
    const { artifactType: _, ...kept } = descriptor;
    expect(manifests).toEqual([kept, of('b').image.descriptor]);
  });

  it('keeps attestations, or drops them where the rule says so', () => {
    const chosen = [of('a', { attached: [ATTACHED] }), of('b')];
    expect(made({ chosen }).manifests).toHaveLength(3);
    expect(made({ chosen, rule: { attestations: 'drop' } }).manifests).toEqual(made().manifests);
  });

  it('is a Docker list where all are Docker images, one build has the target and nothing says otherwise', () => {
    const list = made({ chosen: DOCKER });
    expect(list).toEqual({
      schemaVersion: 2,
      mediaType: DOCKER_LIST,
      manifests: DOCKER.map(one => one.image.descriptor),
    });
    expect(made({ chosen: [DOCKER[0]!, of('b')] }).mediaType).toBe(OCI_INDEX);
    expect(made({ chosen: DOCKER, shared: true }).mediaType).toBe(OCI_INDEX);
    expect(made({ chosen: DOCKER, rule: { format: 'oci' } }).mediaType).toBe(OCI_INDEX);
    expect(made({ rule: { format: 'docker' } }).mediaType).toBe(DOCKER_LIST);
    expect(made({ shared: true, rule: { format: 'docker' } }).mediaType).toBe(OCI_INDEX);
  });

  it('is an OCI index where a Docker image has an attestation, which a list has no place for', () => {
    const attested = [of('a', { attached: [ATTACHED] }, DOCKER_MANIFEST), DOCKER[1]!];
    expect(made({ chosen: attested }).mediaType).toBe(OCI_INDEX);
    const forced = made({ chosen: attested, rule: { format: 'docker' } });
    expect(forced).toMatchObject({ mediaType: DOCKER_LIST });
    expect(forced.manifests).toHaveLength(2);
  });
});

describe('meaningOfChosen', () => {
  const meaning = (chosen: Parts['chosen'], rule: Partial<Parts['rule']> = {}, shared = false) =>
    meaningOfChosen({ rule: { ...RULE, ...rule }, chosen, shared });

  it('is what the composed index would mean', () => {
    const attested = [of('a', { attached: [ATTACHED] }), of('b')];
    expect(sameMeaning(meaning(attested), meaning([of('a'), of('b')]))).toBe(false);
    expect(sameMeaning(meaning(attested, { attestations: 'drop' }), meaning([of('a'), of('b')]))).toBe(true);
    expect(sameMeaning(meaning(attested, { format: 'docker' }), meaning([of('a'), of('b')]))).toBe(true);
    expect(sameMeaning(meaning(attested, { format: 'docker' }, true), meaning(attested))).toBe(true);
    expect(sameMeaning(meaning([of('a')]), meaning([of('b')]))).toBe(false);
  });
});
