import { describe, expect, it } from '@jest/globals';
import type { CopySource } from '../../../lib/import/copy-ends.ts';
import { prepareCopy } from '../../../lib/import/prepare-copy.ts';
import { MemoryRegistry } from '../../../lib/registry/memory.ts';
import { indexOfPlatforms, layeredImage, pushPiece, referrerOf } from '../../support/layered-image.ts';

const request = { reference: '1.0', tag: '1.0', referrers: true };
const amd64 = layeredImage('linux/amd64', [700]);
const image = indexOfPlatforms({ 'linux/amd64': amd64, 'linux/arm64': layeredImage('linux/arm64', [900]) });
const signature = referrerOf(amd64.manifest, 'application/vnd.example.signature', 'signed');
const target = () => ({ registry: new MemoryRegistry(), host: 'target.example', repository: 'app' });

async function pushed<R extends MemoryRegistry>(registry: R): Promise<CopySource> {
  await pushPiece(registry, 'app', '1.0', image);
  await pushPiece(registry, 'app', undefined, signature);
  return { registry, host: 'source.example', repository: 'app' };
}

/** Hands no image out before its referrers are asked for. */
class WaitingRegistry extends MemoryRegistry {
  readonly #asked = Promise.withResolvers<void>();

  override async listReferrers(...args: Parameters<MemoryRegistry['listReferrers']>) {
    if (args[1] === amd64.manifest.digest) this.#asked.resolve();
    return super.listReferrers(...args);
  }

  override async readManifests(...args: Parameters<MemoryRegistry['readManifests']>) {
    if (args[1].includes(amd64.manifest.digest)) await this.#asked.promise;
    return super.readManifests(...args);
  }
}

/** Breaks when it is read, and takes for ever to say what refers to something. */
class BrokenRegistry extends MemoryRegistry {
  asked = 0;
  ended = 0;

  override listReferrers(...[, , options]: Parameters<MemoryRegistry['listReferrers']>): Promise<never> {
    this.asked += 1;
    return new Promise((_, reject) => {
      options?.signal?.addEventListener('abort', () => {
        this.ended += 1;
        reject(new Error('ended'));
      });
    });
  }

  override async readManifests(): Promise<never> {
    throw new Error('broken');
  }
}

describe('preparing a copy', () => {
  it('looks for what refers to a manifest while it is read', async () => {
    const plan = await prepareCopy(request, await pushed(new WaitingRegistry()), target());
    expect(plan).toMatchObject({ referrers: [{ digest: signature.manifest.digest }] });
  });

  it('ends the look for referrers where the image cannot be read', async () => {
    const registry = new BrokenRegistry();
    await expect(
      prepareCopy({ reference: '1.0', referrers: true }, await pushed(registry), target()),
    ).rejects.toThrow('broken');
    expect(registry).toMatchObject({ asked: 1, ended: 1 });
  });
});
