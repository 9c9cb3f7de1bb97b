import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ArchweaveError } from '../../../lib/errors.ts';
import { digestOf } from '../../../lib/image/digest.ts';
import { DOCKER_LIST, MANIFEST_TYPES, OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import { MAX_MANIFEST_BYTES, readManifestContent } from '../../../lib/image/read-manifest.ts';
import { fixtureBytes, fixtureManifest, manifestOf, manifestOfJson } from './manifest-fixture.ts';

type Path = readonly (string | number)[];

/** A copy of the fixture with one value replaced, or taken away where it is undefined. */
function altered(name: string, path: Path, value: unknown): unknown {
  const copy = JSON.parse(new TextDecoder().decode(fixtureBytes(name)));
  const last = path.at(-1)!;
  const parent = path.slice(0, -1).reduce((object, key) => object[key], copy);
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

function refusal(read: () => unknown): ArchweaveError {
  try {
    read();
  } catch (error) {
    if (error instanceof ArchweaveError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const HEX = 'a'.repeat(64);

describe('readManifestContent of a malformed manifest', () => {
  const cases: readonly (readonly [fixture: string, path: Path, value: unknown, reason: string])[] = [
    ['oci-image', ['schemaVersion'], undefined, 'schemaVersion is not 2'],
    ['oci-image', ['schemaVersion'], 1, 'schemaVersion is not 2'],
    ['oci-image', ['schemaVersion'], '2', 'schemaVersion is not 2'],
    ['oci-image', ['mediaType'], 2, 'mediaType is not a string'],
    ['oci-image', ['config'], undefined, 'config is missing'],
    ['oci-image', ['config'], null, 'config is missing'],
    ['oci-image', ['config'], [], 'config is not an object'],
    ['oci-image', ['config'], 'x', 'config is not an object'],
    ['oci-image', ['config', 'mediaType'], undefined, 'config.mediaType is missing'],
    ['oci-image', ['config', 'mediaType'], '', 'config.mediaType is empty'],
    ['oci-image', ['config', 'data'], 5, 'config.data is not a string'],
    ['oci-image', ['layers'], undefined, 'layers is missing'],
    ['oci-image', ['layers'], {}, 'layers is not a list'],
    ['oci-image', ['layers', 0], null, 'layers[0] is not an object'],
    ['oci-image', ['layers', 0, 'digest'], undefined, 'layers[0].digest is missing'],
    ['oci-image', ['layers', 0, 'urls'], 'http://x', 'layers[0].urls is not a list'],
    ['oci-image', ['layers', 0, 'urls'], [1], 'layers[0].urls is not a list of strings'],
    ['oci-image', ['manifests'], [], 'manifests is there, which makes the image an index too'],
    ['oci-image', ['artifactType'], {}, 'artifactType is not a string'],
    ['oci-image', ['subject'], 'x', 'subject is not an object'],
    ['oci-image', ['subject'], {}, 'subject.mediaType is missing'],
    ['docker-image', ['mediaType'], undefined, 'mediaType is missing'],
    ['docker-list', ['mediaType'], undefined, 'mediaType is missing'],
    ['buildx-index', ['manifests'], undefined, 'manifests is missing'],
    ['buildx-index', ['manifests'], null, 'manifests is missing'],
    ['buildx-index', ['manifests'], 'x', 'manifests is not a list'],
    ['buildx-index', ['manifests', 1], 'x', 'manifests[1] is not an object'],
    ['buildx-index', ['manifests', 1, 'digest'], 5, 'manifests[1].digest is not a string'],
    ['buildx-index', ['manifests', 1, 'digest'], HEX, 'manifests[1].digest is not a sha256 or sha512 digest'],
    [
      'buildx-index',
      ['manifests', 1, 'digest'],
      `md5:${HEX}`,
      'manifests[1].digest is not a sha256 or sha512 digest',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'digest'],
      `sha256:${HEX}A`,
      'manifests[1].digest is not a sha256 or sha512 digest',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'digest'],
      'sha256:../..',
      'manifests[1].digest is not a sha256 or sha512 digest',
    ],
    ['buildx-index', ['manifests', 1, 'size'], undefined, 'manifests[1].size is missing'],
    ['buildx-index', ['manifests', 1, 'size'], -1, 'manifests[1].size is not a size in bytes'],
    ['buildx-index', ['manifests', 1, 'size'], 1.5, 'manifests[1].size is not a size in bytes'],
    ['buildx-index', ['manifests', 1, 'size'], 2 ** 53, 'manifests[1].size is not a size in bytes'],
    ['buildx-index', ['manifests', 1, 'size'], '5', 'manifests[1].size is not a size in bytes'],
    ['buildx-index', ['manifests', 1, 'platform'], 'linux/amd64', 'manifests[1].platform is not an object'],
    ['buildx-index', ['manifests', 1, 'platform', 'os'], undefined, 'manifests[1].platform.os is missing'],
    [
      'buildx-index',
      ['manifests', 1, 'platform', 'architecture'],
      5,
      'manifests[1].platform.architecture is not a string',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'platform', 'variant'],
      8,
      'manifests[1].platform.variant is not a string',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'platform', 'os.version'],
      10,
      'manifests[1].platform.os.version is not a string',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'platform', 'os.features'],
      'x',
      'manifests[1].platform.os.features is not a list',
    ],
    [
      'buildx-index',
      ['manifests', 1, 'platform', 'features'],
      [null],
      'manifests[1].platform.features is not a list of strings',
    ],
    ['buildx-index', ['manifests', 2, 'annotations'], [], 'manifests[2].annotations is not an object'],
    [
      'buildx-index',
      ['manifests', 2, 'annotations', 'x'],
      5,
      'manifests[2].annotations has a value that is not a string',
    ],
    ['buildx-index', ['annotations'], 'x', 'annotations is not an object'],
    ['buildx-index', ['config'], {}, 'config is there, which makes the index an image too'],
    ['buildx-index', ['layers'], [], 'layers is there, which makes the index an image too'],
  ];

  it.each(cases)('refuses %s with %j set to %j', (fixture, path, value, reason) => {
    const { mediaType } = fixtureManifest(fixture);
    const manifest = manifestOfJson(altered(fixture, path, value), mediaType);
    const error = refusal(() => readManifestContent(manifest));
    expect(error).toMatchObject({
      code: 'malformed',
      attempt: `read the manifest ${manifest.digest}`,
      reason,
      retryable: false,
    });
  });

  it('refuses a media type that is not the one in the bytes', () => {
    const { bytes, digest } = fixtureManifest('buildx-index');
    expect(refusal(() => readManifestContent({ bytes, digest, mediaType: DOCKER_LIST }))).toMatchObject({
      code: 'malformed',
      reason: `mediaType is not ${DOCKER_LIST}, which the registry says it is`,
    });
    const image = fixtureManifest('helm-chart');
    expect(refusal(() => readManifestContent({ ...image, mediaType: OCI_INDEX })).code).toBe('malformed');
  });

  it('refuses a media type of no manifest', () => {
    const manifest = { ...fixtureManifest('oci-image'), mediaType: 'text/html' };
    expect(refusal(() => readManifestContent(manifest))).toMatchObject({
      code: 'malformed',
      reason: 'its media type is none of a manifest',
    });
  });

  it.each([
    ['nothing', ''],
    ['HTML', '<html></html>'],
    ['half of it', '{"schemaVersion":2,"manifests":[{"med'],
    ['a byte order mark before it', '\ufeff{"schemaVersion":2,"manifests":[]}'],
    ['two documents', '{"schemaVersion":2,"manifests":[]}{}'],
    ['a comment', '{"schemaVersion":2,"manifests":[]/**/}'],
  ])('refuses %s', (_, text) => {
    const bytes = new TextEncoder().encode(text);
    expect(refusal(() => readManifestContent(manifestOf(bytes, OCI_INDEX)))).toMatchObject({
      code: 'malformed',
      reason: 'it is not JSON',
    });
  });

  it.each(['null', '[]', '"x"', '5', 'true'])('refuses %s, which is JSON and no object', text => {
    const bytes = new TextEncoder().encode(text);
    expect(refusal(() => readManifestContent(manifestOf(bytes, OCI_INDEX))).reason).toBe(
      'it is not a JSON object',
    );
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d);
    expect(refusal(() => readManifestContent(manifestOf(bytes, OCI_INDEX))).reason).toBe('it is not JSON');
  });

  it('survives nesting as deep as the size allows', () => {
    const depth = MAX_MANIFEST_BYTES / 2 - 50;
    const deep = `{"schemaVersion":2,"manifests":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    for (const text of [deep, '['.repeat(MAX_MANIFEST_BYTES), '{"a":'.repeat(MAX_MANIFEST_BYTES / 5)]) {
      const bytes = new TextEncoder().encode(text);
      expect(refusal(() => readManifestContent(manifestOf(bytes, OCI_INDEX))).code).toBe('malformed');
    }
  });

  it('reads exactly 4 MiB and refuses one byte more, unread', () => {
    const full = new TextEncoder().encode('{"schemaVersion":2,"manifests":[]}'.padEnd(MAX_MANIFEST_BYTES));
    expect(readManifestContent(manifestOf(full, OCI_INDEX)).kind).toBe('index');
    const more = new Uint8Array(MAX_MANIFEST_BYTES + 1);
    expect(refusal(() => readManifestContent(manifestOf(more, OCI_INDEX)))).toMatchObject({
      code: 'too-large',
      reason: 'it has 4194305 bytes, more than 4194304',
    });
  });

  it('throws nothing but its own errors, whatever JSON it gets', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...MANIFEST_TYPES), (value, mediaType) => {
        expect(refusal(() => readManifestContent(manifestOfJson(value, mediaType))).code).toBe('malformed');
      }),
    );
  });

  it('throws nothing but its own errors, whatever a field of a real one is replaced with', () => {
    const paths: Path[] = [
      ['mediaType'],
      ['annotations'],
      ['manifests'],
      ['manifests', 0],
      ['subject'],
      ['artifactType'],
    ];
    const inner = ['mediaType', 'digest', 'size', 'platform', 'annotations', 'artifactType', 'urls', 'data'];
    const all = [...paths, ...inner.map(name => ['manifests', 0, name])];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.jsonValue(), (path, value) => {
        const manifest = manifestOfJson(altered('buildx-index', path, value), OCI_INDEX);
        try {
          expect(readManifestContent(manifest).kind).toBe('index');
        } catch (error) {
          expect(error).toMatchObject({ name: 'ArchweaveError', code: 'malformed' });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not repeat what the bytes say', () => {
    const bytes = new TextEncoder().encode(
      JSON.stringify({ schemaVersion: 2, mediaType: 'hunter2\u001b[31m' }),
    );
    const error = refusal(() =>
      readManifestContent({ bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST }),
    );
    expect(error.message).not.toContain('hunter2');
  });
});
