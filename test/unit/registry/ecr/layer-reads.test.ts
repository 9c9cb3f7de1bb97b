import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../../../lib/image/digest.ts';
import { httpFetch } from '../../../../lib/registry/http-fetch.ts';
import { looseManifest } from '../../../../lib/registry/loose-manifest.ts';
import type { RequestLine } from '../../../../lib/registry/oci/exchange.ts';
import { bytesOf, expectRefusal, pushBlob, pushImage, readAll } from '../../../contract/registry-content.ts';
import { type AnEcr, anEcr } from './an-ecr.ts';

const stops: (() => Promise<void>)[] = [];
const after = (stop: () => Promise<void>): void => void stops.push(stop);
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const layer = bytesOf('the bytes of a layer');

/** A layer that an image refers to, and the image's config. */
async function withImage({ registry }: Pick<AnEcr, 'registry'>) {
  const digest = await pushBlob(registry, 'app', layer);
  const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: layer.length }];
  const image = await pushImage(registry, 'app', 'one', { tag: '1.0', more: { layers } });
  return { digest, config: looseManifest(image.bytes)!.config!.digest };
}

describe.each([
  ["Node's fetch", undefined],
  ["the command line's", httpFetch],
])('reading layers of ECR by %s', (_, fetcher) => {
  const options = fetcher === undefined ? {} : { fetch: fetcher };

  it('reads small ones whole, each checked', async () => {
    const ecr = await anEcr(after);
    const { digest, config } = await withImage(ecr);
    const nowhere = digestOf(bytesOf('nowhere'));
    const readings = await ecr.open(options).readBlobs('app', [config, digest, nowhere]);
    expect(readings.get(digest)).toMatchObject({ kind: 'found' });
    expect(readings.get(config)?.kind).toBe('found');
    expect(readings.get(nowhere)).toEqual({ kind: 'absent' });
  });

  it('stops reading one that is too large', async () => {
    const ecr = await anEcr(after);
    const { digest } = await withImage(ecr);
    const reading = (await ecr.open(options).readBlobs('app', [digest], { maxBytes: 5 })).get(digest);
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code: 'too-large' } });
  });

  it('reads on from an offset, up to the end', async () => {
    const ecr = await anEcr(after);
    const { digest } = await withImage(ecr);
    const registry = ecr.open(options);
    const from = async (offset: number) =>
      (await readAll(await registry.openBlob('app', digest, { offset }))).toString();
    expect(await from(0)).toBe('the bytes of a layer');
    expect(await from(13)).toBe('a layer');
    expect(await from(layer.length)).toBe('');
  });

  it('shows the address of a layer neither in errors nor in request lines', async () => {
    const ecr = await anEcr(after);
    const { digest } = await withImage(ecr);
    const lines: RequestLine[] = [];
    const registry = ecr.open({ ...options, onRequest: line => lines.push(line) });
    await registry.readBlobs('app', [digest]);
    const failures = [await failingWith(ecr, registry, digest, () => ecr.fake.world.signatures.clear())];
    for (const downloadUrl of [`http://127.0.0.1:1/secret-path?X-Amz-Signature=s3cr3t`, 'secret-path:s3cr3t'])
      failures.push(await failingWith(ecr, registry, digest, () => {}, downloadUrl));
    expect(failures.map(({ code }) => code)).toEqual(['registry-failed', 'unreachable', expect.any(String)]);
    const shown = inspect([failures, lines], { depth: 20, showHidden: true });
    expect(shown).not.toMatch(/X-Amz|s3cr3t|secret-path|\/layers\//);
    expect(lines).toContainEqual({
      method: 'GET',
      status: 200,
      ms: expect.any(Number),
      url: `https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@${digest}`,
    });
  });
});

describe('a layer of ECR', () => {
  it('is not there for reading where no image refers to it, though it need not be sent again', async () => {
    const { registry } = await anEcr(after);
    const digest = await pushBlob(registry, 'app', layer);
    expect((await registry.readBlobs('app', [digest])).get(digest)).toEqual({ kind: 'absent' });
    await expectRefusal(registry.openBlob('app', digest), 'not-found');
    expect(await registry.statBlob('app', digest)).toBe(layer.length);
  });

  it('counts as not there while it is archived', async () => {
    const ecr = await anEcr(after);
    const { digest } = await withImage(ecr);
    for (const image of ecr.fake.world.repository('app').images.values()) image.archived = true;
    expect(await ecr.registry.statBlob('app', digest)).toBeUndefined();
  });

  it('is unreadable where the store gives other bytes', async () => {
    const ecr = await anEcr(after);
    const { digest, config } = await withImage(ecr);
    ecr.fake.amend = ({ operation }, answer) => {
      if (operation === 'GetDownloadUrlForLayer')
        for (const signed of ecr.fake.world.signatures.values()) Object.assign(signed, { digest: config });
      return answer;
    };
    const reading = (await ecr.registry.readBlobs('app', [digest])).get(digest);
    expect(reading).toMatchObject({ kind: 'unreadable', error: { code: 'digest-mismatch' } });
  });
});

async function failingWith(
  { fake }: AnEcr,
  registry: AnEcr['registry'],
  digest: Digest,
  act: () => void,
  downloadUrl?: string,
) {
  fake.amend = (_, answer) => {
    act();
    return downloadUrl === undefined ? answer : { ...answer, downloadUrl };
  };
  return registry.openBlob('app', digest).then(
    () => expect('it did not fail').toBe(''),
    error => error,
  );
}
