import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf } from '../../../../lib/image/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../../lib/image/media-types.ts';
import { imageOf, manifestOf, serveEmbedded, storeBlob } from './embedded-fixture.ts';

const ABSENT = digestOf(Buffer.from('not there'));

describe('the registry over HTTP', () => {
  let served: Awaited<ReturnType<typeof serveEmbedded>>;
  beforeAll(async () => {
    served = await serveEmbedded();
    await storeBlob(served.storage, 'a', '{}');
    await storeBlob(served.storage, 'a', 'hello world');
  });
  afterAll(() => served.stop());

  const ask = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Blob | Buffer<ArrayBuffer>,
  ) => fetch(`http://${served.host}${path}`, { method, headers, ...(body !== undefined && { body }) });
  const putManifest = (path: string, bytes: Uint8Array, type = OCI_MANIFEST) =>
    ask('PUT', path, { 'Content-Type': type }, Buffer.from(bytes));
  const refusalOf = async (response: Response) => {
    const { errors } = (await response.json()) as { errors: { code: string; detail: unknown }[] };
    expect(errors).toHaveLength(1);
    return [response.status, errors[0]!.code, errors[0]!.detail];
  };

  it('says that it is a registry', async () => {
    const response = await ask('GET', '/v2/');
    expect(response.status).toBe(200);
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });

  it.each([
    ['GET', '/v2/a/manifests/none', 404, 'MANIFEST_UNKNOWN'],
    ['GET', `/v2/a/manifests/${ABSENT}`, 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', '/v2/a/manifests/none', 404, 'MANIFEST_UNKNOWN'],
    ['DELETE', `/v2/a/manifests/${ABSENT}`, 404, 'MANIFEST_UNKNOWN'],
    ['GET', '/v2/a/manifests/sha256:zz', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/a/manifests/-no-tag', 400, 'MANIFEST_INVALID'],
    ['GET', `/v2/a/blobs/${ABSENT}`, 404, 'BLOB_UNKNOWN'],
    ['GET', `/v2/b/blobs/${digestOf(Buffer.from('{}'))}`, 404, 'BLOB_UNKNOWN'],
    ['DELETE', `/v2/a/blobs/${ABSENT}`, 404, 'BLOB_UNKNOWN'],
    ['GET', '/v2/a/blobs/md5:00', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/A/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/a%2F..%2Fb/tags/list', 400, 'NAME_INVALID'],
    ['GET', '/v2/none/tags/list', 404, 'NAME_UNKNOWN'],
    ['GET', '/v2/a/tags/list?n=x', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/tags/list?n=-1', 400, 'UNSUPPORTED'],
    ['GET', '/v2/a/referrers/1.0', 400, 'DIGEST_INVALID'],
    ['GET', '/v2/a/blobs/uploads/none', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['PATCH', '/v2/a/blobs/uploads/none', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['PUT', '/v2/a/blobs/uploads/none?digest=x', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['DELETE', '/v2/a/blobs/uploads/none', 404, 'BLOB_UPLOAD_UNKNOWN'],
    ['POST', '/v2/a/blobs/uploads/?digest=sha256:1', 400, 'DIGEST_INVALID'],
    ['POST', '/v2/a/blobs/uploads/?mount=sha256:1', 400, 'DIGEST_INVALID'],
    ['POST', `/v2/a/blobs/uploads/?mount=${ABSENT}&from=../b`, 400, 'NAME_INVALID'],
    ['POST', '/v2/a/blobs/uploads/?digest-algorithm=md5', 400, 'DIGEST_INVALID'],
    ['POST', '/v2/a/manifests/1', 405, 'UNSUPPORTED'],
    ['PUT', '/v2/_catalog', 405, 'UNSUPPORTED'],
    ['GET', '/v2/nothing', 404, 'UNSUPPORTED'],
  ])('answers %s %s with %i %s', async (method, path, status, code) => {
    expect((await refusalOf(await ask(method, path))).slice(0, 2)).toEqual([status, code]);
  });

  it.each([
    ['no JSON', '{', OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
    [
      'another type than it says',
      '{"mediaType":"x/y","schemaVersion":2}',
      OCI_MANIFEST,
      400,
      'MANIFEST_INVALID',
    ],
    ['no type of a manifest', '{"schemaVersion":2}', 'text/plain', 415, 'UNSUPPORTED'],
    ['schema 1', '{"schemaVersion":1}', OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
  ])('refuses a manifest with %s', async (_, text, type, status, code) => {
    const refusal = await refusalOf(await putManifest('/v2/a/manifests/bad', Buffer.from(text), type));
    expect(refusal.slice(0, 2)).toEqual([status, code]);
    expect((await ask('HEAD', '/v2/a/manifests/bad')).status).toBe(404);
  });

  it('refuses a manifest that is not what the digest in its path says', async () => {
    const refusal = await refusalOf(await putManifest(`/v2/a/manifests/${ABSENT}`, imageOf('{}').bytes));
    expect(refusal.slice(0, 2)).toEqual([400, 'DIGEST_INVALID']);
  });

  it('names the digest that a manifest lacks', async () => {
    const { digest, mediaType, bytes } = imageOf('{"n":"absent"}');
    const missing = digestOf(Buffer.from('{"n":"absent"}'));
    const lacking = [400, 'MANIFEST_BLOB_UNKNOWN', { digest: missing }];
    expect(await refusalOf(await putManifest('/v2/a/manifests/x', bytes))).toEqual(lacking);
    const index = manifestOf({ manifests: [{ mediaType, digest, size: bytes.byteLength }] }, OCI_INDEX);
    const refusal = await refusalOf(await putManifest('/v2/a/manifests/x', index.bytes, OCI_INDEX));
    expect(refusal).toEqual([400, 'MANIFEST_BLOB_UNKNOWN', { digest }]);
  });

  it.each(['with its length', 'as a stream'])('refuses a manifest over 4 MiB sent %s', async how => {
    const bytes = Buffer.alloc(5 * 1024 * 1024, 32);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const response = await fetch(`http://${served.host}/v2/a/manifests/large`, {
      method: 'PUT',
      headers: { 'Content-Type': OCI_MANIFEST },
      ...(how === 'as a stream' ? { body: stream, duplex: 'half' } : { body: bytes }),
    } as RequestInit);
    expect((await refusalOf(response)).slice(0, 2)).toEqual([413, 'SIZE_INVALID']);
  });

  it('gives a manifest and its HEAD the same headers', async () => {
    const { bytes, digest } = imageOf('{}');
    const put = await putManifest('/v2/a/manifests/1.0', bytes, `${OCI_MANIFEST}; charset=utf-8`);
    expect([put.status, put.headers.get('location')]).toEqual([201, `/v2/a/manifests/${digest}`]);
    expect(put.headers.get('docker-content-digest')).toBe(digest);
    for (const method of ['GET', 'HEAD']) {
      for (const reference of ['1.0', digest, digest.replace(':', '%3A')]) {
        const response = await ask(method, `/v2/a/manifests/${reference}`);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe(OCI_MANIFEST);
        expect(response.headers.get('content-length')).toBe(String(bytes.byteLength));
        expect(response.headers.get('docker-content-digest')).toBe(digest);
        const body = Buffer.from(await response.arrayBuffer());
        expect(body).toEqual(method === 'GET' ? Buffer.from(bytes) : Buffer.alloc(0));
      }
    }
  });

  it('takes the type that the manifest says, or looks like, where the client sends none', async () => {
    const image = imageOf('{}', { mediaType: undefined });
    for (const [bytes, type] of [
      [imageOf('{}').bytes, OCI_MANIFEST],
      [image.bytes, OCI_MANIFEST],
      [Buffer.from('{"schemaVersion":2,"manifests":[]}'), OCI_INDEX],
    ] as const) {
      await ask('PUT', '/v2/a/manifests/untyped', { 'Content-Type': '' }, Buffer.from(bytes));
      expect((await ask('HEAD', '/v2/a/manifests/untyped')).headers.get('content-type')).toBe(type);
    }
  });

  it('puts a manifest under a sha512 digest with several tags', async () => {
    const { bytes } = imageOf('{}', { annotations: { sha: '512' } });
    const digest = digestOf(bytes, 'sha512');
    const put = await putManifest(`/v2/a/manifests/${digest}?tag=x&tag=y&tag=x`, bytes);
    expect([put.status, put.headers.get('oci-tag')]).toEqual([201, 'x, y']);
    expect(put.headers.get('docker-content-digest')).toBe(digest);
    expect((await ask('HEAD', '/v2/a/manifests/y')).headers.get('docker-content-digest')).toBe(digest);
    const bad = await refusalOf(await putManifest(`/v2/a/manifests/${digest}?tag=.no`, bytes));
    expect(bad.slice(0, 2)).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('lists what refers to a subject, of one type where asked', async () => {
    const subject = { mediaType: OCI_MANIFEST, digest: ABSENT, size: 3 };
    const { bytes, digest } = imageOf('{}', { subject, artifactType: 'application/x.sig' });
    const put = await putManifest(`/v2/a/manifests/${digest}`, bytes);
    expect(put.headers.get('oci-subject')).toBe(ABSENT);
    const all = await ask('GET', `/v2/a/referrers/${ABSENT}`);
    expect(all.headers.get('content-type')).toBe(OCI_INDEX);
    expect(all.headers.get('oci-filters-applied')).toBeNull();
    expect(await all.json()).toMatchObject({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ digest }],
    });
    const none = await ask('GET', `/v2/a/referrers/${ABSENT}?artifactType=application%2Fother`);
    expect(none.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(await none.json()).toMatchObject({ manifests: [] });
    expect((await ask('GET', `/v2/nowhere/referrers/${ABSENT}`)).status).toBe(200);
  });

  it('lists tags and repositories in pages that link to the next', async () => {
    for (const repository of ['list/one', 'list/two']) {
      await storeBlob(served.storage, repository, '{}');
      served.storage.putManifest(repository, imageOf('{}'), ['c', 'a', 'b']);
    }
    const page = async (path: string) => {
      const response = await ask('GET', path);
      return [await response.json(), response.headers.get('link')];
    };
    const name = 'list/one';
    expect(await page('/v2/list/one/tags/list')).toEqual([{ name, tags: ['a', 'b', 'c'] }, null]);
    const link = '</v2/list/one/tags/list?n=2&last=b>; rel="next"';
    expect(await page('/v2/list/one/tags/list?n=2')).toEqual([{ name, tags: ['a', 'b'] }, link]);
    expect(await page('/v2/list/one/tags/list?n=2&last=b')).toEqual([{ name, tags: ['c'] }, null]);
    expect(await page('/v2/list/one/tags/list?last=a')).toEqual([{ name, tags: ['b', 'c'] }, null]);
    expect(await page('/v2/list/one/tags/list?n=3')).toEqual([{ name, tags: ['a', 'b', 'c'] }, null]);
    expect(await page('/v2/list/one/tags/list?n=0')).toEqual([{ name, tags: [] }, null]);
    expect(await page('/v2/_catalog?n=1&last=list')).toEqual([
      { repositories: ['list/one'] },
      '</v2/_catalog?n=1&last=list%2Fone>; rel="next"',
    ]);
    expect(await page('/v2/_catalog?last=list/one')).toEqual([{ repositories: ['list/two'] }, null]);
  });
});
