import { describe, expect, it } from '@jest/globals';
import { type Digest, digestOf } from '../../../lib/image/digest.ts';
import { OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import type { CopyWork } from '../../../lib/import/plan.ts';
import type { PlannedBlob } from '../../../lib/import/planned-blobs.ts';
import type { CopyProgress } from '../../../lib/import/progress.ts';
import { Tally } from '../../../lib/import/tally.ts';

const digest = (text: string): Digest => digestOf(Buffer.from(text));
const [amd64, arm64] = [digest('amd64'), digest('arm64')];
const shared: PlannedBlob = { digest: digest('shared'), size: 100, of: [amd64, arm64] };
const begun: PlannedBlob = {
  digest: digest('begun'),
  size: 50,
  of: [arm64],
  at: { upload: 'somewhere', offset: 20, done: false },
};
const plan: CopyWork = {
  kind: 'copy',
  request: { reference: '1.0', tag: '1.0', referrers: false },
  source: digest('root'),
  root: { bytes: Buffer.from('root'), digest: digest('root'), mediaType: OCI_MANIFEST },
  manifests: [],
  blobs: [shared, begun],
  tags: [],
  images: [
    { digest: amd64, platform: { os: 'linux', architecture: 'amd64' }, copied: 0, had: 10, total: 110 },
    { digest: arm64, platform: { os: 'linux', architecture: 'arm64' }, copied: 0, had: 20, total: 150 },
  ],
  bytes: { copied: 0, had: 30, total: 160 },
  referrers: [],
  leftOut: [],
  before: undefined,
};

describe('a tally', () => {
  it('counts a blob once in all, and for each image that it is of', () => {
    let heard: CopyProgress | undefined;
    const tally = new Tally(plan, progress => {
      heard = progress;
    });
    tally.reach(shared, 60);
    tally.finish(shared, false);
    expect(tally.bytes).toEqual({ copied: 100, had: 30, total: 160 });
    expect(heard!.images.map(({ platform, copied }) => [platform, copied])).toEqual([
      ['linux/amd64', 100],
      ['linux/arm64', 100],
    ]);
    expect(heard!.blobs).toEqual({ done: 1, total: 2 });
    expect(tally.isWhole([shared])).toBe(true);
    expect(tally.isWhole(plan.blobs)).toBe(false);
  });

  it('counts what an earlier run sent as had, until the target turns out to have lost it', () => {
    const tally = new Tally(plan);
    tally.reach(begun, 20);
    tally.reach(begun, 30);
    expect(tally.bytes).toEqual({ copied: 10, had: 30, total: 160 });
    tally.reach(begun, 0);
    expect(tally.bytes).toEqual({ copied: 0, had: 10, total: 160 });
    tally.finish(begun, false);
    expect(tally.bytes.copied + tally.bytes.had).toBe(60);
  });

  it('counts a blob that the registry took over as had', () => {
    const tally = new Tally(plan);
    tally.finish(shared, true);
    expect(tally.bytes).toEqual({ copied: 0, had: 130, total: 160 });
    expect(tally.sent).toBe(0);
    expect(tally.done).toBe(1);
  });

  it('counts no byte twice where a resumed blob is taken over after all', () => {
    const tally = new Tally(plan);
    tally.finish(begun, true);
    expect(tally.bytes).toEqual({ copied: 0, had: 60, total: 160 });
  });
});
