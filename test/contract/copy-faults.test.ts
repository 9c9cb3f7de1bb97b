import { afterEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '../../lib/image/digest.ts';
import { type CopyOptions, copyImage } from '../../lib/import/copy.ts';
import type { CopyRequest } from '../../lib/import/copy-request.ts';
import { prepareCopy } from '../../lib/import/prepare-copy.ts';
import type { UploadNotes } from '../../lib/import/upload-notes.ts';
import { httpFetch } from '../../lib/registry/http-fetch.ts';
import type { Registry, UploadState } from '../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import { openOciRegistry } from '../../lib/registry/oci/open.ts';
import { cutLine } from '../support/cut-line.ts';
import { type Fault, type FaultProxy, type Passing, startFaultProxy } from '../support/fault-proxy.ts';
import { indexOfPlatforms, layeredImage, pushPiece, referrerOf } from '../support/layered-image.ts';
import { serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { expectRefusal } from './registry-content.ts';

const LAYER = 6_000_001;
const images = {
  'linux/amd64': layeredImage('linux/amd64', [LAYER, 700]),
  'linux/arm64': layeredImage('linux/arm64', [2_000_000]),
};
const image = indexOfPlatforms(images);
const layer = [...images['linux/amd64'].blobs.keys()][1]!;
const request: CopyRequest = { reference: '1.0', tag: '1.0', referrers: true };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function embedded(): Promise<string> {
  const { host, stop } = await serveEmbedded();
  stops.push(stop);
  return host;
}

const open = (host: string): Registry =>
  openOciRegistry({ host, env: {}, fetch: httpFetch, retry: { base: 1 } });

/** A source with the image and a target, both embedded registries behind proxies that can fail. */
async function world() {
  const [source, target] = [await embedded(), await embedded()];
  await pushPiece(open(source), 'app', '1.0', image);
  const [from, to] = [await startFaultProxy(source), await startFaultProxy(target)];
  stops.push(from.stop, to.stop);
  const ends = [
    { registry: open(from.host), host: from.host, repository: 'app' },
    { registry: open(to.host), host: to.host, repository: 'copy' },
  ] as const;
  return { from, to, source: open(source), target: open(target), ends };
}

async function copy(ends: Awaited<ReturnType<typeof world>>['ends'], options: CopyOptions = {}) {
  return copyImage(await prepareCopy(request, ...ends), ...ends, options);
}

const isLayer = ({ method, path }: Passing) => method === 'GET' && path.endsWith(layer);
const isUpload = ({ method, body }: Passing) => /PATCH|PUT/.test(method) && body.length > 1_000_000;
const isTagWrite = ({ method, path }: Passing) => method === 'PUT' && path.endsWith('/manifests/1.0');
const heldBy = async (registry: Registry, tag = '1.0') =>
  (await registry.resolveReferences('copy', [tag])).get(tag);

describe('a copy through trouble', () => {
  it.each<[string, 'from' | 'to', (passing: Passing) => boolean, Fault]>([
    ['a source that breaks in a layer', 'from', isLayer, 'reset in the body'],
    ['a source that ends a layer early', 'from', isLayer, 'cut short'],
    ['a source that is busy', 'from', isLayer, { answer: { status: 503 } }],
    ['a target that breaks before a layer', 'to', isUpload, 'reset before'],
    ['a target whose answer is lost', 'to', isUpload, 'answer lost'],
    ['a target that is busy', 'to', isUpload, { answer: { status: 502 } }],
    ['an upload that the target forgets', 'to', isUpload, { answer: { status: 404 } }],
  ])('arrives whole over %s', async (_, side, when, fault) => {
    const { ends, target, ...proxies } = await world();
    proxies[side].hurt(when, fault, 1);
    expect(await copy(ends)).toMatchObject({ kind: 'copied', digest: image.manifest.digest });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    expect(await target.statBlob('copy', layer)).toBe(LAYER);
  });

  it('never commits wrong bytes, and says which side sent them', async () => {
    const { ends, target, from } = await world();
    from.hurt(isLayer, 'wrong bytes');
    const failure = await copy(ends).catch(error => error);
    expect(failure).toMatchObject({ code: 'digest-mismatch', side: 'source' });
    expect(await target.statBlob('copy', layer)).toBeUndefined();
    expect(await heldBy(target)).toBeUndefined();
  });

  it('fails for a full disk with those words, and goes on when there is room', async () => {
    const { ends, target, to } = await world();
    to.hurt(isUpload, {
      answer: { status: 507, body: '{"errors":[{"code":"UNKNOWN","message":"no space"}]}' },
    });
    expect(await copy(ends).catch(error => error)).toMatchObject({
      code: 'registry-failed',
      reason: /no space/,
    });
    expect(await heldBy(target)).toBeUndefined();
    to.heal();
    expect(await copy(ends)).toMatchObject({ kind: 'copied' });
  });

  it('copies the new image where the source moves its tag in the middle', async () => {
    const { ends, source, target, from } = await world();
    const next = indexOfPlatforms({ ...images, 'linux/arm64': layeredImage('linux/arm64', [900]) });
    moveOnce(from, isLayer, () => pushPiece(source, 'app', '1.0', next));
    expect(await copy(ends)).toMatchObject({ kind: 'copied', digest: next.manifest.digest, moves: 1 });
    expect(await heldBy(target)).toBe(next.manifest.digest);
  });

  it('gives up on a source whose tag moves each time', async () => {
    const { ends, source, target } = await world();
    const moving = onWrite(ends, async () => {
      const next = indexOfPlatforms({ 'linux/arm64': layeredImage('linux/arm64', [50]) });
      await pushPiece(source, 'app', '1.0', next);
    });
    expect(await copy(moving)).toEqual({ kind: 'held', reason: { code: 'source-moving', moves: 4 } });
    expect(await heldBy(target)).toBeUndefined();
  });

  it('does not bring back a tag that a person takes away meanwhile', async () => {
    const { ends, target } = await world();
    const before = layeredImage('linux/amd64', [5]);
    await pushPiece(target, 'copy', '1.0', before);
    const outcome = await copy(onWrite(ends, () => target.deleteManifest('copy', '1.0')));
    const held: Digest = before.manifest.digest;
    expect(outcome).toEqual({ kind: 'held', reason: { code: 'target-removed', tag: '1.0', held } });
    expect(await heldBy(target)).toBeUndefined();
  });

  it('copies once more what the target lost while it was copied', async () => {
    const { ends, target, to } = await world();
    const gone = `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"x","detail":{"digest":"${layer}"}}]}`;
    to.hurt(isTagWrite, { answer: { status: 404, body: gone } }, 1);
    expect(await copy(ends)).toMatchObject({ kind: 'copied' });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    to.hurt(isTagWrite, { answer: { status: 404, body: gone } });
    await target.deleteManifest('copy', '1.0');
    await expectRefusal(copy(ends), 'child-gone');
  });

  it('leaves an immutable tag as it is', async () => {
    const { ends } = await world();
    const target = new MemoryRegistry();
    const other = layeredImage('linux/amd64', [5]);
    await pushPiece(target, 'copy', '1.0', other);
    target.setImmutable('copy', '1.0');
    const outcome = await copy([ends[0], { registry: target, host: 'memory', repository: 'copy' }]);
    expect(outcome).toEqual({ kind: 'held', reason: { code: 'immutable-tag', tag: '1.0' } });
    expect(await heldBy(target)).toBe(other.manifest.digest);
  });

  it('copies the image where the target refuses what refers to it, and says so', async () => {
    const { ends, source, target, to } = await world();
    const signature = referrerOf(image.manifest, 'application/vnd.example.signature', 'me');
    await pushPiece(source, 'app', undefined, signature);
    const { digest } = signature.manifest;
    const body = '{"errors":[{"code":"UNSUPPORTED","message":"no artifacts here"}]}';
    to.hurt(({ method, path }) => method === 'PUT' && path.endsWith(digest), {
      answer: { status: 405, body },
    });
    expect(await copy(ends)).toMatchObject({
      kind: 'copied',
      referrers: 0,
      dropped: [
        {
          digest,
          artifactType: 'application/vnd.example.signature',
          code: 'unsupported',
          reason: /no artifacts/,
        },
      ],
    });
    expect(await heldBy(target)).toBe(image.manifest.digest);
  });

  it('is done by two jobs at once', async () => {
    const { ends, target } = await world();
    const outcomes = await Promise.all([copy(ends), copy(ends)]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ digest: image.manifest.digest });
    expect(await heldBy(target)).toBe(image.manifest.digest);
  });

  it('is stopped in good order and goes on inside a layer, in another process too', async () => {
    const { ends, target, to } = await world();
    const kept = new Map<Digest, UploadState>();
    const notes: UploadNotes = {
      read: async ({ digest }) => kept.get(digest),
      write: async ({ digest }, state) => void kept.set(digest, JSON.parse(JSON.stringify(state))),
      remove: async ({ digest }) => void kept.delete(digest),
    };
    const stop = new AbortController();
    const onProgress = ({ total }: { total: { copied: number } }) => {
      if (total.copied > LAYER / 2) stop.abort();
    };
    const limited = { notes, limitRate: 12_000_000, signal: stop.signal, onProgress };
    await expectRefusal(copy(ends, limited), 'interrupted');
    const plan = await prepareCopy(request, ...ends, { notes });
    if (plan.kind !== 'copy') throw new Error(plan.kind);
    expect(plan.bytes.had).toBeGreaterThan(LAYER / 3);
    expect(await copyImage(plan, ...ends, { notes })).toMatchObject({ kind: 'copied' });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    expect(kept.size).toBe(0);
    const sent = to.seen.reduce((sum, { body }) => sum + body.length, 0);
    expect(sent).toBeLessThan(plan.bytes.total * 1.05);
  });

  it('sends hardly a byte twice to a target that resets the connection twice', async () => {
    const huge = layeredImage('linux/amd64', [30_000_000]);
    const [from, to] = [await embedded(), await embedded()];
    await pushPiece(open(from), 'app', '1.0', huge);
    const line = await cutLine(to, { towards: [9_000_000, 21_000_000] });
    stops.push(line.stop);
    const source = { registry: open(from), host: from, repository: 'app' };
    const target = {
      registry: openOciRegistry({ host: line.host, env: {}, fetch: httpFetch }),
      host: line.host,
    };
    await copyImage(await prepareCopy(request, source, { ...target, repository: 'copy' }), source, {
      ...target,
      repository: 'copy',
    });
    // What lay in the line when it broke is lost: a few megabytes, however large the layer is.
    expect(line.sent()).toBeLessThan(30_000_000 * 1.5);
  });
});

/** A target that does something once its first manifest of each round is written. */
function onWrite(ends: Awaited<ReturnType<typeof world>>['ends'], act: () => Promise<unknown>) {
  const [source, { registry, ...target }] = ends;
  const acting = Object.create(registry) as Registry;
  const reset = bound(registry);
  acting.writeManifest = async (...args) => {
    await registry.writeManifest(...args);
    await act();
  };
  return [
    source,
    { ...target, registry: Object.assign(reset, { writeManifest: acting.writeManifest }) },
  ] as const;
}

/** The methods of a registry as properties, which can then be replaced one by one. */
function bound(registry: Registry): Registry {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(registry)).filter(
    name => name !== 'constructor',
  );
  const methods = names.map(name => {
    const method = (registry as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!;
    return [name, method.bind(registry)] as const;
  });
  return Object.fromEntries(methods) as unknown as Registry;
}

/** Acts while the first request that `when` picks passes. */
function moveOnce(proxy: FaultProxy, when: (passing: Passing) => boolean, act: () => Promise<unknown>): void {
  let acted = false;
  proxy.hurt(passing => {
    if (!acted && when(passing)) {
      acted = true;
      void act();
    }
    return false;
  }, 'reset before');
}

describe('a copy whose token ends in the middle', () => {
  it('gets another one and goes on', async () => {
    const [from, to] = [await embedded(), await embedded()];
    await pushPiece(open(from), 'app', '1.0', image);
    let valid = 1;
    let ended = 0;
    const guard = (passing: Passing, host: string) => {
      if (passing.path.startsWith('/token'))
        return { status: 200, body: JSON.stringify({ token: `token-${valid}` }) };
      if (isUpload(passing) && ended < 1) {
        ended += 1;
        valid += 1;
      }
      if (passing.headers.authorization === `Bearer token-${valid}`) return undefined;
      return {
        status: 401,
        headers: { 'www-authenticate': `Bearer realm="http://${host}/token",service="x"` },
      };
    };
    const proxy = await startFaultProxy(to, { guard });
    stops.push(proxy.stop);
    const source = { registry: open(from), host: from, repository: 'app' };
    const target = { registry: open(proxy.host), host: proxy.host, repository: 'copy' };
    expect(await copyImage(await prepareCopy(request, source, target), source, target)).toMatchObject({
      kind: 'copied',
    });
    expect(valid).toBe(2);
    expect(await heldBy(open(to))).toBe(image.manifest.digest);
  });
});
