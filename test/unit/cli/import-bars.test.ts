import { describe, expect, it } from '@jest/globals';
import { imageBars, progressLine } from '../../../lib/cli/import-bars.ts';
import { PaceMeter } from '../../../lib/cli/pace.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import type { CopyProgress } from '../../../lib/import/progress.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const MB = 1e6;

const progress: CopyProgress = {
  phase: 'copying',
  images: [
    { platform: 'linux/amd64', digest: digest('a'), copied: 31.0 * MB, had: 121.1 * MB, total: 152.1 * MB },
    { platform: 'linux/arm64', digest: digest('b'), copied: 90.3 * MB, had: 0, total: 148.0 * MB },
    { digest: digest('c'), copied: 0, had: 0, total: 1 },
  ],
  total: { copied: 150.2 * MB, had: 30 * MB, total: 240.1 * MB },
  blobs: { done: 31, total: 41 },
};
const pace = new Map([
  [digest('b'), { speed: 12.4 * MB }],
  ['total', { speed: 12.4 * MB }],
]);

describe('the bars of an import', () => {
  it('are one a platform and one for all', () => {
    expect(imageBars(progress, pace, 100)).toEqual([
      'linux/amd64     [##############################] 152.1 MB  copied 31.0 MB, had 121.1 MB',
      'linux/arm64     [##################............]  61 %  90.3 of 148.0 MB  12.4 MB/s  4 s left',
      'total           [######################........]  75 %                    31 of 41 blobs',
    ]);
  });

  it('fit into a terminal of eighty columns', () => {
    for (const line of imageBars(progress, pace, 80)) expect(line.length).toBeLessThan(80);
  });

  it('have one for what is no image of a platform where there is nothing else', () => {
    const only = { ...progress, images: progress.images.slice(2) };
    expect(imageBars(only, pace, 100)[0]).toBe(
      'image           [..............................]   0 %  0 of 1 B',
    );
  });

  it('say 100 % of nothing less than everything', () => {
    const nearly = { ...progress, total: { copied: 999_999, had: 0, total: MB } };
    expect(imageBars(nearly, pace, 100).at(-1)).toContain(' 99 %');
    const empty = { ...progress, images: [], total: { copied: 0, had: 0, total: 0 } };
    expect(imageBars(empty, pace, 100)).toEqual([
      'total           [##############################] 100 %                    31 of 41 blobs',
    ]);
  });

  it('are one line in a log', () => {
    expect(progressLine(progress, pace.get('total'))).toBe(
      'import 75 % 180.2 of 240.1 MB, 31 of 41 blobs, 4 s left',
    );
    expect(progressLine(progress, undefined)).toBe('import 75 % 180.2 of 240.1 MB, 31 of 41 blobs');
  });
});

describe('the pace', () => {
  it('is that of the last five seconds', () => {
    const meter = new PaceMeter();
    expect(meter.speed).toBe(0);
    for (let second = 0; second <= 10; second++) meter.note(second * 100, second * 1000);
    expect(meter.speed).toBeCloseTo(100);
    for (let second = 11; second <= 20; second++) meter.note(1000, second * 1000);
    expect(meter.speed).toBe(0);
  });
});
