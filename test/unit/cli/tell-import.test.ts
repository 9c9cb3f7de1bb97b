import { describe, expect, it } from '@jest/globals';
import { copiedLines, costText, plannedText } from '../../../lib/cli/tell-import.ts';
import type { Digest } from '../../../lib/image/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../../lib/image/media-types.ts';
import type { CopyWork } from '../../../lib/import/plan.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const MB = 1e6;
const platform = (architecture: string) => ({ os: 'linux', architecture });

const plan = {
  kind: 'copy',
  request: { reference: '17', tag: '17', referrers: true },
  source: digest('a'),
  root: { mediaType: OCI_INDEX, digest: digest('a'), bytes: new Uint8Array() },
  manifests: [],
  blobs: [],
  tags: [{ tag: '17', manifest: { mediaType: OCI_INDEX, digest: digest('a'), bytes: new Uint8Array() } }],
  images: [
    { digest: digest('b'), platform: platform('amd64'), copied: 0, had: 121.1 * MB, total: 152.1 * MB },
    { digest: digest('c'), platform: platform('arm64'), copied: 0, had: 0, total: 148 * MB },
    { digest: digest('d'), copied: 0, had: 0, total: 1 },
  ],
  bytes: { copied: 0, had: 121.1 * MB, total: 300.1 * MB },
  referrers: [],
  leftOut: [],
  before: undefined,
} satisfies CopyWork;

const outcome = {
  kind: 'copied' as const,
  digest: digest('a'),
  tags: ['17'],
  bytes: { copied: 240.1 * MB, had: 60 * MB, total: 300.1 * MB },
  blobs: 41,
  referrers: 0,
  dropped: [],
  moves: 0,
};

describe('what was copied', () => {
  it('is one line', () => {
    expect(copiedLines(plan, outcome, 21_000, 'contoso.azurecr.io')).toEqual([
      'copied 1 index, 2 platforms: 240.1 MB moved, 60.0 MB was there, 21 s (11.4 MB/s), verified',
    ]);
    const image = {
      ...plan,
      root: { ...plan.root, mediaType: OCI_MANIFEST },
      images: plan.images.slice(1, 2),
    };
    expect(copiedLines(image, { ...outcome, referrers: 2, moves: 1 }, 21, 'x')).toEqual([
      'copied 1 image, linux/arm64, 2 referrers: 240.1 MB moved, 60.0 MB was there, 21 ms, verified',
      'the tag moved 1 time meanwhile; this is what it holds now',
    ]);
  });

  it('says what the registry fetched by itself, or why it did not', () => {
    const bytes = { copied: 0, had: 300.1 * MB, total: 300.1 * MB };
    const fetched = { ...outcome, bytes, fetched: 240.1 * MB };
    const host = 'contoso.azurecr.io';
    expect(copiedLines(plan, fetched, 42_000, host)).toEqual([
      `copied 1 index, 2 platforms: ${host} fetched 240.1 MB itself, 60.0 MB was there, 42 s, verified`,
    ]);
    const signed = { ...fetched, referrers: 1, bytes: { ...bytes, copied: 2000 } };
    expect(copiedLines(plan, signed, 900, host)).toEqual([
      `copied 1 index, 2 platforms, 1 referrer: ${host} fetched 240.1 MB itself, 2.0 kB moved, 60.0 MB was there, 900 ms, verified`,
    ]);
    const streamed = { code: 'many-manifests', count: 46, most: 45 } as const;
    expect(copiedLines(plan, { ...outcome, streamed }, 21_000, host)[1]).toBe(
      `${host} did not fetch it itself: the image has 46 manifests, and it takes 45`,
    );
  });

  it('says what was left out, and why', () => {
    const artifactType = 'application/vnd.dev.cosign.artifact.sig.v1+json';
    const dropped = [
      { digest: digest('e'), artifactType, code: 'unsupported', reason: 'no' },
      { digest: digest('f'), code: 'forbidden', reason: 'you may not\u001b[2J' },
    ];
    const leftOut = [
      { kind: 'platform' as const, platform: platform('s390x'), digest: digest('1') },
      { kind: 'referrer' as const, digest: digest('2'), artifactType: 'application/spdx+json' },
      { kind: 'foreign-layer' as const, digest: digest('3'), size: 5 * MB, urls: ['https://go.example/x'] },
    ];
    const lines = copiedLines({ ...plan, leftOut }, { ...outcome, dropped }, 1, 'contoso.azurecr.io').slice(
      1,
    );
    expect(lines).toEqual([
      `left out: 1 signature (sha256:eeeeeeeeeeee): contoso.azurecr.io refuses ${artifactType} [unsupported]`,
      expect.stringMatching(
        /^left out: 1 referrer \(sha256:ffffffffffff\): you may not\S*\[2J \[forbidden\]$/,
      ),
      'left out: 1 referrer (sha256:222222222222): it is about all platforms together',
      'left out: 1 layer (sha256:333333333333, 5.0 MB): whoever runs the image fetches it from go.example',
    ]);
    expect(lines.join('')).not.toContain('\u001b');
  });
});

describe('what would be copied', () => {
  it('has its size and its price', () => {
    const source = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
    expect(
      plannedText(plan, { source, target: 'contoso.azurecr.io', name: 'contoso.azurecr.io/m/x:17' }),
    ).toBe(
      `would copy 1 index, 2 platforms to contoso.azurecr.io/m/x:17
  linux/amd64     152.1 MB, 121.1 MB of it is there
  linux/arm64     148.0 MB
would move 179.0 MB; egress about $0.02: AWS asks $0.09 a GB
`,
    );
  });

  it.each([
    [{ kind: 'known', low: 0, high: 0, why: 'x' }, 'about $0.00: x'],
    [{ kind: 'known', low: 0, high: 1.5, why: 'x' }, 'about $0.00 to $1.50: x'],
    [{ kind: 'known', low: 0.001, high: 0.001, why: 'x' }, 'less than $0.01: x'],
    [{ kind: 'unknown', why: 'x' }, 'unknown: x'],
  ] as const)('%j is %s', (cost, text) => {
    expect(costText(cost)).toBe(text);
  });
});
