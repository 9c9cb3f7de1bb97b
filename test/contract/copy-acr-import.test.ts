import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parsePlatform } from '../../lib/image/platform.ts';
import { type CopyOptions, copyImage } from '../../lib/import/copy.ts';
import type { CopyRequest } from '../../lib/import/copy-request.ts';
import { prepareCopy } from '../../lib/import/prepare-copy.ts';
import type { CopyProgress } from '../../lib/import/progress.ts';
import { streamWords } from '../../lib/import/server-side-way.ts';
import { acrServerSide } from '../../lib/registry/acr/server-side.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import type { AcrFake } from '../support/acr-fake.ts';
import { refuse } from '../support/acr-fake-arm.ts';
import { fakeIdentity, openAcr, openFakeAcr } from '../support/acr-fake-client.ts';
import {
  indexOfPlatforms,
  layeredImage,
  type Piece,
  pushPiece,
  referrerOf,
} from '../support/layered-image.ts';

const SOURCE = 'contoso.azurecr.io';
const TARGET = 'fabrikam.azurecr.io';
const resourceOf = (subscription: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/images/providers/Microsoft.ContainerRegistry/registries/${name}`;

describe('an import that ACR runs itself', () => {
  let fake: AcrFake;
  let source: Registry;
  let target: ReturnType<typeof openAcr>;
  let stop: () => Promise<void>;
  let image: Piece;
  let count = 0;
  let to: string;

  beforeAll(async () => {
    ({ fake, registry: source, stop } = await openFakeAcr());
    const { tenant } = fake.world;
    const serverSide = acrServerSide({
      host: TARGET,
      resource: resourceOf(tenant, 'fabrikam'),
      sources: new Map([[SOURCE, resourceOf(tenant, 'contoso')]]),
      identity: async () => fakeIdentity(fake),
      endpoint: fake.authority,
    });
    target = openAcr(fake, { serverSide });
    image = indexOfPlatforms({
      'linux/amd64': layeredImage('linux/amd64', [300_000, 1000]),
      'linux/arm64': layeredImage('linux/arm64', [200_000]),
    });
    await pushPiece(source, 'from/app', '1.0', image);
  });
  afterAll(() => stop?.());
  beforeEach(() => {
    to = `to/app${++count}`;
    fake.world.importing = 'at once';
    fake.world.jobs.length = 0;
    fake.world.pushes.length = 0;
  });
  afterEach(() => fake.world.forgetFaults());

  const copy = async (more: Partial<CopyRequest> = {}, options: CopyOptions = {}) => {
    const ends = [
      { registry: source, host: SOURCE, repository: 'from/app' },
      { registry: target, host: TARGET, repository: to },
    ] as const;
    const request = { reference: '1.0', tag: '1.0', referrers: true, ...more };
    const outcome = await copyImage(await prepareCopy(request, ...ends), ...ends, options);
    if (outcome.kind !== 'copied') throw new Error(outcome.kind);
    return outcome;
  };
  const whenRunning =
    (then: () => void) =>
    ({ state }: CopyProgress): void => {
      if (state === 'running') then();
    };
  const holds = async (tag: string) => (await target.resolveReferences(to, [tag])).get(tag);
  const uploads = () =>
    fake.world.calls.filter(({ method, path }) => method === 'PUT' && path.includes('/uploads/'));

  it('brings the image by its digest, and leaves the tag to us', async () => {
    fake.world.importing = 'after a look';
    const seen: (readonly [CopyProgress['phase'], string | undefined])[] = [];
    const sent = uploads().length;
    const outcome = await copy({}, { onProgress: ({ phase, state }) => void seen.push([phase, state]) });
    expect(await holds('1.0')).toBe(image.manifest.digest);
    expect(outcome).toMatchObject({
      tags: ['1.0'],
      bytes: { copied: 0 },
      fetched: outcome.bytes.total,
      blobs: 5,
    });
    expect(outcome.streamed).toBeUndefined();
    expect(uploads()).toHaveLength(sent);
    expect(seen.slice(0, 2)).toEqual([
      ['fetching-itself', undefined],
      ['fetching-itself', 'running'],
    ]);
    expect(seen.at(-1)).toEqual(['verifying', undefined]);
    const { digest } = image.manifest;
    expect(fake.world.jobs.map(({ registry, body }) => ({ registry, body }))).toEqual([
      {
        registry: 'fabrikam',
        body: {
          source: { resourceId: resourceOf(fake.world.tenant, 'contoso'), sourceImage: `from/app@${digest}` },
          untaggedTargetRepositories: [to],
          mode: 'NoForce',
        },
      },
    ]);
    expect(fake.world.pushes).toEqual([expect.objectContaining({ repository: to, tag: '1.0', digest })]);
  });

  it('has nothing to bring where all is there but the tag', async () => {
    await copy();
    await copy({ tag: '1.0-again' });
    expect(fake.world.jobs).toHaveLength(1);
    expect(await holds('1.0-again')).toBe(image.manifest.digest);
  });

  it('tags platforms, too, of what was brought', async () => {
    const outcome = await copy({ split: '{tag}-{arch}' });
    expect(outcome.tags).toEqual(['1.0-amd64', '1.0-arm64', '1.0']);
    expect(outcome.fetched).toBe(outcome.bytes.total);
    expect(await holds('1.0-arm64')).toBe(image.children[1]!.manifest.digest);
  });

  it('leaves signatures to us', async () => {
    const signed = indexOfPlatforms({ 'linux/amd64': layeredImage('linux/amd64', [5000]) });
    const signature = referrerOf(signed.manifest, 'application/vnd.example.signature', 'by somebody');
    await pushPiece(source, 'from/app', 'signed', signed);
    await pushPiece(source, 'from/app', undefined, signature);
    const outcome = await copy({ reference: 'signed' });
    expect(outcome).toMatchObject({ referrers: 1, fetched: expect.any(Number) });
    expect(await holds(signature.manifest.digest)).toBe(signature.manifest.digest);
  });

  it('is asked for again where the tag moved meanwhile', async () => {
    await pushPiece(
      source,
      'from/app',
      'moving',
      indexOfPlatforms({ 'linux/amd64': layeredImage('linux/amd64', [900]) }),
    );
    const newer = indexOfPlatforms({ 'linux/amd64': layeredImage('linux/amd64', [800]) });
    fake.world.importing = 'hang';
    let moving: Promise<void> | undefined;
    const onProgress = whenRunning(() => {
      moving ??= pushPiece(source, 'from/app', 'moving', newer).then(() => {
        fake.world.importing = 'after a look';
      });
    });
    const outcome = await copy({ reference: 'moving' }, { onProgress });
    await moving;
    expect(outcome).toMatchObject({
      digest: newer.manifest.digest,
      moves: 1,
      blobs: 4,
      bytes: { copied: 0 },
    });
    expect(await holds('1.0')).toBe(newer.manifest.digest);
    expect(fake.world.jobs).toHaveLength(2);
  });

  it('is waited for until its deadline, and harmless when it ends after that', async () => {
    fake.world.importing = 'hang';
    const outcome = await copy({}, { deadline: 2000 });
    expect(outcome.streamed).toEqual({ code: 'deadline', ms: 2000 });
    expect(outcome.fetched).toBeUndefined();
    expect(outcome.bytes.copied).toBe(outcome.bytes.total);
    const newer = indexOfPlatforms({ 'linux/amd64': layeredImage('linux/amd64', [4000]) });
    await pushPiece(target, to, '1.0', newer);
    await fake.landImports();
    expect(await holds('1.0')).toBe(newer.manifest.digest);
    expect(await holds(image.manifest.digest)).toBe(image.manifest.digest);
  });

  it('is taken as it is where it ended while the deadline passed', async () => {
    fake.world.importing = 'hang';
    let landing: Promise<void> | undefined;
    const onProgress = whenRunning(() => {
      landing ??= fake.landImports();
    });
    const outcome = await copy({}, { deadline: 3000, onProgress });
    await landing;
    expect(outcome.streamed).toMatchObject({ code: 'deadline' });
    expect(outcome.bytes).toMatchObject({ copied: 0, had: outcome.bytes.total });
    expect(await holds('1.0')).toBe(image.manifest.digest);
  });

  it('is waited for no longer than its deadline where nothing answers', async () => {
    fake.world.failNext(/importImage/, 'hang');
    const { streamed } = await copy({}, { deadline: 300 });
    expect(streamed).toEqual({ code: 'deadline', ms: 300 });
    expect(await holds('1.0')).toBe(image.manifest.digest);
  });

  it.each([
    [
      'the role at the target is missing',
      /importImage/,
      refuse(
        403,
        'AuthorizationFailed',
        'The client does not have authorization to perform importImage/action',
      ),
      `the identity may not import at ${TARGET}; give it "Container Registry Data Importer and Data Reader" at ${SOURCE} and at ${TARGET}`,
    ],
    [
      'the role at the source is missing',
      /importImage/,
      refuse(403, 'LinkedAuthorizationFailed', 'does not have permission on the linked scope'),
      `the identity may not import at ${SOURCE}; give it "Container Registry Data Importer and Data Reader" at ${SOURCE} and at ${TARGET}`,
    ],
    [
      'Azure knows no such registry',
      /importImage/,
      refuse(404, 'ResourceNotFound', 'The resource was not found'),
      /^Azure knows no such registry \(The resource was not found\); is "resource" in archweave.yaml right\? \/subscriptions\//,
    ],
    [
      'Azure takes the token for somebody else’s',
      /importImage/,
      refuse(401, 'InvalidAuthenticationToken', 'The access token is invalid.'),
      /^Azure Resource Manager does not let it in/,
    ],
  ])('is not waited for where %s, and the reason is told', async (_, path, fault, words) => {
    fake.world.failNext(path, fault, 3);
    const { streamed, bytes } = await copy();
    expect(bytes.copied).toBe(bytes.total);
    expect(fake.world.jobs).toEqual([]);
    expect(await holds('1.0')).toBe(image.manifest.digest);
    const told = streamWords(streamed!);
    if (typeof words === 'string') expect(told).toBe(words);
    else expect(told).toMatch(words);
  });

  it('that fails is told in one line, and streamed', async () => {
    fake.world.importing = 'fail';
    const { streamed, bytes } = await copy();
    expect(streamWords(streamed!)).toBe('the import failed (Unexpected length of body while copying)');
    expect(bytes.copied).toBe(bytes.total);
    expect(await holds('1.0')).toBe(image.manifest.digest);
  });

  it('is not believed where it says that it is done and nothing is there', async () => {
    fake.world.importing = 'nothing comes';
    const { streamed } = await copy();
    expect(streamWords(streamed!)).toMatch(/^it says that it has done so, and has no sha256:/);
    expect(await holds('1.0')).toBe(image.manifest.digest);
  });

  it('is not asked for where Entra gives no token for it', async () => {
    fake.world.failNext(/^POST \/[^/]+\/oauth2\/v2\.0\/token/, {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'AADSTS53003: Access has been blocked by Conditional Access policies.',
        error_codes: [53003],
      },
    });
    const fresh = fakeIdentity(fake);
    const { tenant } = fake.world;
    const serverSide = acrServerSide({
      host: TARGET,
      resource: resourceOf(tenant, 'fabrikam'),
      sources: new Map([[SOURCE, resourceOf(tenant, 'contoso')]]),
      identity: async () => fresh,
      endpoint: fake.authority,
    });
    const result = await serverSide.importImage(
      to,
      { host: SOURCE, repository: 'from/app', digest: image.manifest.digest },
      { deadline: 5000 },
    );
    expect(result).toMatchObject({
      kind: 'refused',
      begun: false,
      error: { code: 'unauthorized', reason: expect.stringContaining('Conditional Access') },
    });
  });

  it('is not asked for some of the platforms: their index is made here', async () => {
    const { streamed, fetched } = await copy({ platforms: [parsePlatform('linux/arm64')!] });
    expect(streamed).toEqual({ code: 'some-platforms' });
    expect(fetched).toBeUndefined();
    expect(fake.world.jobs).toEqual([]);
  });

  it('is not asked for more manifests than it takes', async () => {
    const variants = Array.from({ length: 45 }, (_, at) => `windows/amd64:10.0.${at}`);
    const large = indexOfPlatforms(
      Object.fromEntries(variants.map(platform => [platform, layeredImage(platform, [100])])),
    );
    await pushPiece(source, 'from/app', 'large', large);
    const { streamed } = await copy({ reference: 'large' });
    expect(streamed).toEqual({ code: 'many-manifests', count: 46, most: 45 });
    expect(fake.world.jobs).toEqual([]);
    expect(await holds('1.0')).toBe(large.manifest.digest);
  });

  it('can be interrupted, and is let go on', async () => {
    fake.world.importing = 'hang';
    const controller = new AbortController();
    const onProgress = whenRunning(() => controller.abort());
    await expect(copy({}, { signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'interrupted',
    });
    await fake.landImports();
    const outcome = await copy();
    expect(outcome.bytes).toMatchObject({ copied: 0, had: outcome.bytes.total });
    expect(fake.world.jobs).toHaveLength(1);
  });

  it('shows no secret in what it fails with', async () => {
    fake.world.failNext(/importImage/, 'drop', 9);
    const { streamed } = await copy({}, { deadline: 20_000 });
    if (streamed?.code !== 'refused') throw new Error(JSON.stringify(streamed));
    expect(streamed.error.code).toBe('unreachable');
    expect(inspect(streamed.error, { depth: 9 })).not.toMatch(/eyJ|Bearer/);
  });
});
