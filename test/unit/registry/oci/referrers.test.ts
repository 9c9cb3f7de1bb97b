import { describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../lib/image/media-types.ts';
import { scriptedServers } from '../../../support/scripted-server.ts';
import { failureOf, imageOf, openScripted } from './scripted-registry.ts';

const servers = scriptedServers();
const { digest } = imageOf('subject');
const AT = `GET /v2/app/referrers/${digest}`;
const TAG = digest.replace(':', '-');
const entry = (artifactType: string) => ({
  mediaType: OCI_MANIFEST,
  digest: digestOf(Buffer.from(artifactType)),
  size: 7,
  artifactType,
});
const index = (...manifests: readonly object[]) => ({
  headers: { 'content-type': OCI_INDEX },
  body: { schemaVersion: 2, mediaType: OCI_INDEX, manifests },
});

describe('listing what refers to a manifest', () => {
  it('filters where the registry does not, and reads page after page', async () => {
    const first = index(entry('sbom'), entry('signature'));
    const server = (await servers())
      .on(`${AT}?artifactType=sbom`, {
        ...first,
        headers: { ...first.headers, link: '<?page=2>; rel="next"' },
      })
      .on(`${AT}?page=2`, index(entry('sbom')));
    const listed = await openScripted(server).registry.listReferrers('app', digest, { artifactType: 'sbom' });
    expect(listed).toEqual([entry('sbom'), entry('sbom')]);
  });

  it.each([
    ['404', { status: 404 }],
    ['404 with a page', { status: 404, headers: { 'content-type': 'text/html' }, body: '<p>' }],
    ['405', { status: 405 }],
  ])('reads the tag in its place where the API answers %s', async (_, answer) => {
    const server = (await servers()).on(AT, answer).on(`GET /v2/app/manifests/${TAG}`, index(entry('sbom')));
    expect(await openScripted(server).registry.listReferrers('app', digest)).toEqual([entry('sbom')]);
  });

  it('says of a page that no registry is there', async () => {
    const server = (await servers()).on(AT, { headers: { 'content-type': 'text/html' }, body: '<p>' });
    expect((await failureOf(openScripted(server).registry.listReferrers('app', digest))).code).toBe(
      'not-a-registry',
    );
  });
});

describe('writing a manifest with a subject', () => {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'sbom',
      config: {},
      layers: [],
      subject: { mediaType: OCI_MANIFEST, digest, size: 7 },
    }),
  );
  const manifest = { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST };
  const PUT = `PUT /v2/app/manifests/${manifest.digest}`;

  it('is all where the registry says that it knows of subjects', async () => {
    const server = (await servers()).on(PUT, { status: 201, headers: { 'oci-subject': digest } });
    await openScripted(server).registry.writeManifest('app', manifest.digest, manifest);
    expect(server.seen).toHaveLength(1);
  });

  it('adds it to the list of the tag elsewhere, once', async () => {
    const mine = {
      mediaType: OCI_MANIFEST,
      digest: manifest.digest,
      size: bytes.length,
      artifactType: 'sbom',
    };
    const server = (await servers())
      .on(PUT, { status: 201 }, { status: 201 })
      .on(`GET /v2/app/manifests/${TAG}`, index(entry('signature')), index(entry('signature'), mine))
      .on(`PUT /v2/app/manifests/${TAG}`, { status: 201 });
    const { registry } = openScripted(server);
    await registry.writeManifest('app', manifest.digest, manifest);
    await registry.writeManifest('app', manifest.digest, manifest);
    const listed = server.seen.find(({ line }) => line === `PUT /v2/app/manifests/${TAG}`)!;
    expect(JSON.parse(listed.body.toString()).manifests).toEqual([entry('signature'), mine]);
  });
});
