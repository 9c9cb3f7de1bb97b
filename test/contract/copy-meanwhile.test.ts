import { describe, expect, it } from '@jest/globals';
import type { Digest } from '../../lib/image/digest.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import type { FaultProxy, Passing } from '../support/fault-proxy.ts';
import { indexOfPlatforms, layeredImage, pushPiece, referrerOf } from '../support/layered-image.ts';
import { copy, copyWorld, type Ends, heldBy, image, images, isLayer, layer } from './copy-world.ts';
import { expectRefusal } from './registry-content.ts';

const isTagWrite = ({ method, path }: Passing) => method === 'PUT' && path.endsWith('/manifests/1.0');

describe('a copy while others write to both ends', () => {
  it('copies the new image where the source moves its tag in the middle', async () => {
    const { ends, source, target, from } = await copyWorld();
    const next = indexOfPlatforms({ ...images, 'linux/arm64': layeredImage('linux/arm64', [900]) });
    moveOnce(from, isLayer, () => pushPiece(source, 'app', '1.0', next));
    expect(await copy(ends)).toMatchObject({ kind: 'copied', digest: next.manifest.digest, moves: 1 });
    expect(await heldBy(target)).toBe(next.manifest.digest);
  });
  it('gives up on a source whose tag moves each time', async () => {
    const { ends, source, target } = await copyWorld();
    const moving = onWrite(ends, async () => {
      const next = indexOfPlatforms({ 'linux/arm64': layeredImage('linux/arm64', [50]) });
      await pushPiece(source, 'app', '1.0', next);
    });
    expect(await copy(moving)).toEqual({ kind: 'held', reason: { code: 'source-moving', moves: 4 } });
    expect(await heldBy(target)).toBeUndefined();
  });
  it('does not bring back a tag that a person takes away meanwhile', async () => {
    const { ends, target } = await copyWorld();
    const before = layeredImage('linux/amd64', [5]);
    await pushPiece(target, 'copy', '1.0', before);
    const outcome = await copy(onWrite(ends, () => target.deleteManifest('copy', '1.0')));
    const held: Digest = before.manifest.digest;
    expect(outcome).toEqual({ kind: 'held', reason: { code: 'target-removed', tag: '1.0', held } });
    expect(await heldBy(target)).toBeUndefined();
  });
  it('copies once more what the target lost while it was copied', async () => {
    const { ends, target, to } = await copyWorld();
    const gone = `{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"x","detail":{"digest":"${layer}"}}]}`;
    to.hurt(isTagWrite, { answer: { status: 404, body: gone } }, 1);
    expect(await copy(ends)).toMatchObject({ kind: 'copied' });
    expect(await heldBy(target)).toBe(image.manifest.digest);
    to.hurt(isTagWrite, { answer: { status: 404, body: gone } });
    await target.deleteManifest('copy', '1.0');
    await expectRefusal(copy(ends), 'child-gone');
  });
  it('leaves an immutable tag as it is', async () => {
    const { ends } = await copyWorld();
    const target = new MemoryRegistry();
    const other = layeredImage('linux/amd64', [5]);
    await pushPiece(target, 'copy', '1.0', other);
    target.setImmutable('copy', '1.0');
    const outcome = await copy([ends[0], { registry: target, host: 'memory', repository: 'copy' }]);
    expect(outcome).toEqual({ kind: 'held', reason: { code: 'immutable-tag', tag: '1.0' } });
    expect(await heldBy(target)).toBe(other.manifest.digest);
  });
  it('copies the image where the target refuses what refers to it, and says so', async () => {
    const { ends, source, target, to } = await copyWorld();
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
    const { ends, target } = await copyWorld();
    const outcomes = await Promise.all([copy(ends), copy(ends)]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ digest: image.manifest.digest });
    expect(await heldBy(target)).toBe(image.manifest.digest);
  });
});

/** A target that does something once its first manifest of each round is written. */
function onWrite(ends: Ends, act: () => Promise<unknown>) {
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
