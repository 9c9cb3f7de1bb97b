import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ImportProgress } from '../../../lib/cli/import-progress.ts';
import type { Terminal } from '../../../lib/cli/terminal.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import type { CopyProgress } from '../../../lib/import/progress.ts';

const MB = 1e6;

/** A terminal that keeps what was said, and what it shows in place. */
function aTerminal(animated: boolean) {
  const said: string[] = [];
  let live: readonly string[] = [];
  const terminal: Terminal = {
    note: line => said.push(line),
    say: line => said.push(line),
    answer: () => {},
    paint: text => text,
    paintNote: text => text,
    attended: animated,
    animated,
    live: lines => {
      if (animated) live = lines;
    },
    keep: () => {},
    columns: 100,
  };
  return { terminal, said, live: () => live };
}

const at = (copied: number, phase: CopyProgress['phase'] = 'copying'): CopyProgress => ({
  phase,
  images: [
    {
      platform: 'linux/amd64',
      digest: `sha256:${'a'.repeat(64)}` as Digest,
      copied,
      had: 0,
      total: 100 * MB,
    },
  ],
  total: { copied, had: 0, total: 100 * MB },
  blobs: { done: 1, total: 3 },
});

describe('the progress of an import', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is a line each ten seconds in a log', () => {
    const { terminal, said } = aTerminal(false);
    const progress = new ImportProgress({ terminal, now: Date.now });
    const { onProgress } = progress.begin('a.example/x:1', 'b.example');
    jest.advanceTimersByTime(9_900);
    expect(said).toEqual([]);
    jest.advanceTimersByTime(200);
    expect(said).toEqual(['reading a.example/x:1 ...']);
    for (let second = 1; second <= 10; second++) {
      onProgress(at(second * 5 * MB));
      jest.advanceTimersByTime(1_000);
    }
    expect(said.slice(1)).toEqual(['import 50 % 50.0 of 100.0 MB, 1 of 3 blobs, 10 s left']);
    progress.clear();
    jest.advanceTimersByTime(60_000);
    expect(said).toHaveLength(2);
  });

  it('is a bar a platform on a terminal, and says first that it reads', () => {
    const { terminal, live, said } = aTerminal(true);
    const progress = new ImportProgress({ terminal, now: Date.now });
    const { onProgress } = progress.begin('a.example/x:1', 'b.example');
    jest.advanceTimersByTime(200);
    expect(live()).toEqual(['reading a.example/x:1 ...']);
    onProgress(at(50 * MB));
    jest.advanceTimersByTime(200);
    expect(live()[0]).toMatch(/^linux\/amd64 {5}\[#{15}\.{15}\] {2}50 % {2}50\.0 of 100\.0 MB/);
    expect(progress.percent).toBe(50);
    progress.clear();
    expect(live()).toEqual([]);
    expect(said).toEqual([]);
  });

  it('makes up no percentage of what a registry does by itself', () => {
    const { terminal, live } = aTerminal(true);
    const progress = new ImportProgress({ terminal, now: Date.now });
    progress.begin('a.azurecr.io/x:1', 'b.azurecr.io').onProgress(at(0, 'fetching-itself'));
    jest.advanceTimersByTime(42_000);
    expect(live()).toEqual(['b.azurecr.io is fetching it itself (import job), 42 s']);
    progress.clear();
  });

  it('counts images where there are many', () => {
    const { terminal, said } = aTerminal(false);
    const progress = new ImportProgress({ terminal, now: Date.now, images: 4 });
    const first = progress.begin('x:1', 'b.example');
    first.onProgress(at(100 * MB));
    first.end();
    progress.begin('x:2', 'b.example').onProgress(at(10 * MB));
    jest.advanceTimersByTime(10_000);
    expect(said).toEqual(['import 25 % 1 of 4 images, 110.0 MB moved']);
    progress.clear();
  });

  it('shows those on their way, and all of them, where there are many', () => {
    const { terminal, live } = aTerminal(true);
    const progress = new ImportProgress({ terminal, now: Date.now, images: 4 });
    progress.begin('x:1', 'b.example').end();
    progress.begin('x:2', 'b.example').onProgress(at(10 * MB));
    progress.begin('x:3', 'b.example');
    jest.advanceTimersByTime(200);
    expect(live()).toEqual([
      'x:2             [###...........................]  10 %  10.0 of 100.0 MB',
      'x:3             reading ...',
      'total           [#######.......................]  25 %  1 of 4 images',
    ]);
    progress.clear();
  });
});
