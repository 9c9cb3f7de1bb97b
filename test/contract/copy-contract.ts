import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePlatform } from '../../lib/image/platform.ts';
import { readManifestContent } from '../../lib/image/read-manifest.ts';
import { copyImage } from '../../lib/import/copy.ts';
import type { CopyRequest } from '../../lib/import/copy-request.ts';
import { prepareCopy } from '../../lib/import/prepare-copy.ts';
import type { CopyProgress } from '../../lib/import/progress.ts';
import type { Registry } from '../../lib/registry/interfaces.ts';
import {
  indexOfPlatforms,
  layeredImage,
  type Piece,
  pushPiece,
  referrerOf,
} from '../support/layered-image.ts';
import { readAll } from './registry-content.ts';

export interface CopyStage {
  readonly source: { readonly registry: Registry; readonly host: string };
  readonly target: { readonly registry: Registry; readonly host: string };
  stop(): Promise<void>;
}

/** What a copy comes to between any two registries. `look` lets a client that nobody here wrote look at the result. */
export function copyContract(
  name: string,
  start: () => Promise<CopyStage>,
  look: (reference: string) => Promise<void> = async () => {},
): void {
  describe(`a copy from ${name}`, () => {
    let stage: CopyStage;
    const images = {
      'linux/amd64': layeredImage('linux/amd64', [3_000_001, 1000]),
      'linux/arm64': layeredImage('linux/arm64', [1_500_000]),
      'linux/s390x': layeredImage('linux/s390x', [1_000]),
    };
    const image = indexOfPlatforms(images);
    const signature = referrerOf(image.manifest, 'application/vnd.example.signature', 'by somebody');
    const cosign = layeredImage('linux/amd64', [300]);
    const cosignTag = `${image.manifest.digest.replace(':', '-')}.sig`;
    const request = (tag: string, more: Partial<CopyRequest> = {}): CopyRequest => ({
      reference: '1.0',
      tag,
      referrers: true,
      ...more,
    });
    const ends = () =>
      [
        { ...stage.source, repository: 'from/app' },
        { ...stage.target, repository: 'to/app' },
      ] as const;
    const copy = async (asked: CopyRequest, onProgress?: (progress: CopyProgress) => void) => {
      const plan = await prepareCopy(asked, ...ends());
      return copyImage(plan, ...ends(), { ...(onProgress && { onProgress }) });
    };
    const held = async (...tags: readonly string[]) => {
      const found = await stage.target.registry.resolveReferences('to/app', tags);
      return tags.map(tag => found.get(tag));
    };

    beforeAll(async () => {
      stage = await start();
      const { registry } = stage.source;
      await pushPiece(registry, 'from/app', '1.0', image);
      await pushPiece(registry, 'from/app', undefined, signature);
      await pushPiece(registry, 'from/app', cosignTag, cosign);
    });
    afterAll(() => stage?.stop());

    it('brings a platform alone, and grows by another', async () => {
      const only = (text: string) => request('part', { platforms: [parsePlatform(text)!] });
      expect((await copy(only('linux/arm64'))).kind).toBe('copied');
      await copy(only('linux/amd64'));
      const reading = (await stage.target.registry.readManifests('to/app', ['part'])).get('part');
      if (reading?.kind !== 'found') throw new Error('it is not there');
      const content = readManifestContent(reading.manifest);
      expect(
        content.kind === 'index' && content.manifests.map(entry => entry.platform?.architecture),
      ).toEqual(['amd64', 'arm64']);
      expect(await copy(only('linux/arm64'))).toEqual({ kind: 'unchanged', digest: reading.manifest.digest });
      await look('to/app:part');
    });

    it('brings the rest under the same digest, with what refers to it, and tells how far it is', async () => {
      const seen: string[] = [];
      const outcome = await copy(request('1.0'), ({ phase, total, blobs }) => {
        seen.push(phase);
        expect(total.copied + total.had).toBeLessThanOrEqual(total.total);
        expect(blobs.done).toBeLessThanOrEqual(blobs.total);
      });
      expect(outcome).toMatchObject({
        kind: 'copied',
        digest: image.manifest.digest,
        tags: ['1.0'],
        dropped: [],
      });
      expect(outcome).toMatchObject({ referrers: 2 });
      expect(new Set(seen)).toEqual(new Set(['copying', 'writing', 'verifying']));
      expect(await held('1.0', cosignTag)).toEqual([image.manifest.digest, cosign.manifest.digest]);
      const listed = await stage.target.registry.listReferrers('to/app', image.manifest.digest);
      expect(listed.map(({ digest }) => digest)).toContain(signature.manifest.digest);
      const pieces: readonly Piece[] = Object.values(images);
      for (const [digest, bytes] of pieces.flatMap(({ blobs }) => [...blobs])) {
        expect((await readAll(await stage.target.registry.openBlob('to/app', digest))).equals(bytes)).toBe(
          true,
        );
      }
      await look('to/app:1.0');
    });

    it('changes nothing where all is there', async () => {
      expect(await copy(request('1.0'))).toEqual({ kind: 'unchanged', digest: image.manifest.digest });
    });

    it('tags each platform', async () => {
      const outcome = await copy(request('split', { split: '{tag}-{arch}' }));
      expect(outcome).toMatchObject({ kind: 'copied', bytes: { copied: 0 } });
      expect(await held('split-amd64', 'split-arm64', 'split-s390x', 'split')).toEqual([
        ...Object.values(images).map(({ manifest }) => manifest.digest),
        image.manifest.digest,
      ]);
    });

    it('needs no tag', async () => {
      const asked = { reference: image.manifest.digest, referrers: false };
      expect(await copy(asked)).toMatchObject({ kind: 'unchanged' });
    });

    it('moves only what changed', async () => {
      const arm64 = layeredImage('linux/arm64', [70_000]);
      const next = indexOfPlatforms({ ...images, 'linux/arm64': arm64 });
      await pushPiece(stage.source.registry, 'from/app', '1.1', next);
      const outcome = await copy(request('1.0', { reference: '1.1' }));
      const size = [...arm64.blobs.values()].reduce((sum, { length }) => sum + length, 0);
      // What a registry can take over from its other repository is not sent.
      const copied = stage.source.host === stage.target.host ? 0 : size;
      expect(outcome).toMatchObject({ kind: 'copied', bytes: { copied }, blobs: 2 });
    });
  });
}
