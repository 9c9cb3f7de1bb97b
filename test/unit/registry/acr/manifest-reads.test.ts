import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Manifest } from '../../../../lib/image/manifest.ts';
import { expectRefusal, indexOf, pushImage } from '../../../contract/registry-content.ts';
import { refusal } from '../../../support/acr-fake-world.ts';
import { anAcr } from './an-acr.ts';

const acr = anAcr();
let image: Manifest;
beforeAll(async () => {
  image = await pushImage(acr.open(), 'app', 'image', { tag: '1.0' });
});
afterEach(() => {
  const { world } = acr.fake;
  world.digestHeader = digest => digest;
  world.manifestBody = body => body;
  world.forgetFaults();
  world.quarantined.clear();
  world.denied.clear();
});
const read = async (reference = '1.0', registry = acr.open()) =>
  (await registry.readManifests('app', [reference])).get(reference);

describe('reading manifests from ACR', () => {
  it('asks once for a reference that is wanted twice, by repositories with a slash too', async () => {
    await pushImage(acr.open(), 'team/app', 'image', { tag: '1.0' });
    acr.asked();
    const readings = await acr.open().readManifests('team/app', ['1.0', '1.0', 'away']);
    expect([...readings.keys()]).toEqual(['1.0', 'away']);
    expect(acr.asked()).toEqual(['GET /v2/team/app/manifests/1.0', 'GET /v2/team/app/manifests/away']);
  });

  it.each([
    ['a digest that is not that of the bytes', () => `sha256:${'0'.repeat(64)}`],
    ['no digest at all', () => undefined],
  ])('takes an answer with %s for unreadable', async (_, header) => {
    acr.fake.world.digestHeader = header;
    expect(await read()).toMatchObject({ kind: 'unreadable', error: { code: 'digest-mismatch' } });
  });

  it.each([
    ['is no JSON', 'nonsense', 'malformed'],
    ['is no object', '[]', 'malformed'],
    ['says that it is another type', '{"mediaType":"application/vnd.oci.image.index.v1+json"}', 'malformed'],
    ['is larger than ACR takes any', ' '.repeat(4 * 1024 * 1024 + 1), 'too-large'],
  ])('takes what %s for unreadable', async (_, text, code) => {
    const { createHash } = await import('node:crypto');
    acr.fake.world.manifestBody = () => Buffer.from(text);
    acr.fake.world.digestHeader = () => `sha256:${createHash('sha256').update(text).digest('hex')}`;
    expect(await read()).toMatchObject({
      kind: 'unreadable',
      error: { code, attempt: `read ${acr.fake.host}/app:1.0` },
    });
  });

  it('says that what is in quarantine is, where it is asked for by digest, and is not there by tag', async () => {
    acr.fake.world.quarantined.add(image.digest);
    expect(await read()).toEqual({ kind: 'absent' });
    expect(await read(image.digest)).toMatchObject({
      kind: 'unreadable',
      error: { code: 'quarantined', reason: 'it is in quarantine' },
    });
    const other = await pushImage(acr.open(), 'app', 'other', { tag: 'free' });
    const resolved = await acr.open().resolveReferences('app', ['1.0', image.digest, 'free']);
    expect(Object.fromEntries(resolved)).toEqual({
      '1.0': undefined,
      [image.digest]: image.digest,
      free: other.digest,
    });
  });

  it('waits as long as ACR asks for, and gives up where that is too long', async () => {
    const { world } = acr.fake;
    acr.waits.length = 0;
    world.failNext(/manifests\/1\.0/, { status: 429, headers: { 'retry-after': '38' } });
    expect(await read()).toMatchObject({ kind: 'found' });
    expect(acr.waits).toEqual([38_000]);
    world.failNext(/manifests\/1\.0/, { status: 429, headers: { 'retry-after': '600' } });
    await expect(read()).rejects.toMatchObject({ code: 'throttled', retryAfter: 600, retryable: true });
  });

  it.each([
    ['fails for a moment', { status: 503 }],
    ['breaks the connection off', 'drop'],
  ] as const)('asks again where ACR %s', async (_, how) => {
    acr.fake.world.failNext(/manifests\/1\.0/, how, 2);
    expect(await read()).toMatchObject({ kind: 'found' });
  });

  it('does not wait for ever', async () => {
    const registry = acr.open({ timeout: 1_000 });
    await read('1.0', registry);
    acr.fake.world.failNext(/manifests\/1\.0/, 'hang', 3);
    await expect(read('1.0', registry)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
    });
  });

  it('reads nothing for whoever has given up waiting', async () => {
    const stop = new AbortController();
    const registry = acr.open();
    await read('1.0', registry);
    acr.asked();
    acr.fake.world.failNext(/manifests\/1\.0/, 'hang');
    const reading = registry.readManifests('app', ['1.0'], { signal: stop.signal });
    while (acr.asked().length === 0) await new Promise(resolve => setTimeout(resolve, 10));
    stop.abort();
    await expectRefusal(reading, 'interrupted');
  });

  it.each([403, 401] as const)('names the roles that are missing (%i)', async status => {
    acr.fake.world.denied.set('pull', status);
    await expect(read()).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the identity may not read here',
      next: 'give it AcrPull; a registry with ABAC ignores that and wants "Container Registry Repository Reader"',
    });
    await expect(acr.open().resolveReferences('app', ['1.0'])).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('finds nothing by a digest that the SDK cannot check', async () => {
    expect(await read(`sha512:${'0'.repeat(128)}`)).toEqual({ kind: 'absent' });
  });

  it.each(['a/../b', '1.0?x'])('sends no request for %j, which is no name', async reference => {
    acr.asked();
    await expectRefusal(acr.open().readManifests('app', [reference]), 'bad-reference');
    await expectRefusal(acr.open().readManifests('../app', ['1.0']), 'bad-reference');
    expect(acr.asked()).toEqual([]);
  });

  it('takes a page of a proxy for no registry', async () => {
    acr.fake.world.failNext(/manifests\/1\.0/, {
      status: 403,
      headers: { 'content-type': 'text/html' },
      body: '<html>blocked</html>',
    });
    await expectRefusal(read() as Promise<unknown>, 'not-a-registry');
    acr.fake.world.failNext(/manifests\/1\.0/, refusal(400, 'UNSUPPORTED', 'so it is'));
    await expectRefusal(read() as Promise<unknown>, 'unsupported');
  });

  it('tells each request, without queries and tokens', async () => {
    const lines: string[] = [];
    const registry = acr.open({
      onRequest: ({ method, status, url }) => lines.push(`${method} ${status} ${url}`),
    });
    await registry.readManifests('app', ['1.0', indexOf(image).digest]);
    const at = `https://${acr.fake.host}`;
    expect(lines.slice(0, 3)).toEqual([
      `POST 200 ${at}/oauth2/exchange`,
      `POST 200 ${at}/oauth2/token`,
      `GET 200 ${at}/v2/app/manifests/1.0`,
    ]);
  });
});
