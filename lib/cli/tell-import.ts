import { shortDigest } from '../image/digest.ts';
import { duration } from '../image/format-duration.ts';
import { formatSize } from '../image/format-size.ts';
import { isIndexType } from '../image/media-types.ts';
import { formatPlatform } from '../image/platform.ts';
import { printable } from '../image/printable.ts';
import type { CopyOutcome, Dropped } from '../import/copy-outcome.ts';
import { type EgressCost, egressCost } from '../import/egress-cost.ts';
import type { CopyWork, LeftOut } from '../import/plan.ts';
import { type StreamReason, streamWords } from '../import/server-side-way.ts';

type Copied = Extract<CopyOutcome, { readonly kind: 'copied' }>;

/** What was copied and what was left out, a line each. */
export function copiedLines(plan: CopyWork, outcome: Copied, ms: number, target: string): readonly string[] {
  const { fetched = 0, streamed } = outcome;
  const { copied } = outcome.bytes;
  // Where the tag moved meanwhile, more was fetched than the image has.
  const had = Math.max(0, outcome.bytes.had - fetched);
  const speed = copied > 0 && ms >= 1000 ? ` (${formatSize(Math.round((copied / ms) * 1000))}/s)` : '';
  const facts = [
    ...(fetched > 0 ? [`${target} fetched ${formatSize(fetched)} itself`] : []),
    ...(fetched === 0 || copied > 0 ? [`${formatSize(copied)} moved`] : []),
    ...(had > 0 ? [`${formatSize(had)} was there`] : []),
    `${took(ms)}${speed}`,
    'verified',
  ];
  const along = outcome.referrers === 0 ? '' : `, ${many(outcome.referrers, 'referrer')}`;
  const moved =
    outcome.moves === 0
      ? []
      : [`the tag moved ${many(outcome.moves, 'time')} meanwhile; this is what it holds now`];
  return [
    `copied ${whatIs(plan)}${along}: ${facts.join(', ')}`,
    ...moved,
    ...(streamed === undefined ? [] : [streamedLine(streamed, target)]),
    ...outcome.dropped.map(one => droppedLine(one, target)),
    ...plan.leftOut.flatMap(leftOutLine),
  ];
}

/** What would be copied, where nothing is. */
export function plannedText(
  plan: CopyWork,
  ends: { readonly source: string; readonly target: string; readonly name: string },
): string {
  const { bytes, referrers, images, tags } = plan;
  const rows = images.filter(({ platform }) => platform !== undefined);
  const width = Math.max(16, ...rows.map(({ platform }) => formatPlatform(platform!).length + 2));
  const extra = referrers.reduce((sum, one) => sum + one.bytes.total - one.bytes.had, 0);
  const moved = bytes.total - bytes.had + extra;
  const lines = [
    `would copy ${whatIs(plan)} to ${ends.name}`,
    ...rows.map(({ platform, total, had }) => {
      const there =
        had === 0 ? '' : had >= total ? ', all of it is there' : `, ${formatSize(had)} of it is there`;
      return `  ${formatPlatform(platform!).padEnd(width)}${formatSize(total)}${there}`;
    }),
    ...(referrers.length > 0
      ? [`  ${many(referrers.length, 'referrer').padEnd(width)}${formatSize(extra)}`]
      : []),
    ...(tags.length > 1 ? [`  tags            ${tags.map(({ tag }) => tag).join(' ')}`] : []),
    ...plan.leftOut.flatMap(leftOutLine),
    `would move ${formatSize(moved)}; egress ${costText(egressCost(ends.source, ends.target, moved))}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Bytes that a plan would move. */
export function bytesToMove({ bytes, referrers }: CopyWork): number {
  return referrers.reduce((sum, one) => sum + one.bytes.total - one.bytes.had, bytes.total - bytes.had);
}

export function costText(cost: EgressCost): string {
  if (cost.kind === 'unknown') return `unknown: ${cost.why}`;
  const amount = cost.low === cost.high ? dollars(cost.low) : `${dollars(cost.low)} to ${dollars(cost.high)}`;
  return `${cost.high > 0 && cost.high < LEAST ? '' : 'about '}${amount}: ${cost.why}`;
}

const LEAST = 0.01;

function dollars(amount: number): string {
  if (amount === 0) return '$0.00';
  return amount < LEAST ? 'less than $0.01' : `$${amount.toFixed(2)}`;
}

/** `1 index, 2 platforms`, `1 image, linux/amd64`. */
function whatIs({ root, images }: CopyWork): string {
  const platforms = images.flatMap(({ platform }) =>
    platform === undefined ? [] : [formatPlatform(platform)],
  );
  if (isIndexType(root.mediaType)) return `1 index, ${many(platforms.length, 'platform')}`;
  return ['1 image', ...platforms].join(', ');
}

/** Why the bytes came through here, where the target's registry could have fetched them. */
export function streamedLine(streamed: StreamReason, target: string): string {
  return `${target} did not fetch it itself: ${printable(streamWords(streamed))}`;
}

function droppedLine({ digest, artifactType, code, reason }: Dropped, target: string): string {
  const what = isSignature(artifactType) ? 'signature' : 'referrer';
  const kind = artifactType === undefined ? '' : ` ${printable(artifactType)}`;
  const why = code === 'unsupported' ? `${target} refuses${kind}` : printable(reason);
  return `left out: 1 ${what} (${shortDigest(digest)}): ${why} [${code}]`;
}

function leftOutLine(left: LeftOut): readonly string[] {
  switch (left.kind) {
    // Whoever names platforms knows that the others stay.
    case 'platform':
      return [];
    case 'referrer': {
      const what = isSignature(left.artifactType) ? 'signature' : 'referrer';
      return [`left out: 1 ${what} (${shortDigest(left.digest)}): it is about all platforms together`];
    }
    case 'foreign-layer': {
      const host = left.urls.map(url => URL.parse(url)?.host).find(found => found !== undefined);
      return [
        `left out: 1 layer (${shortDigest(left.digest)}, ${formatSize(left.size)}): whoever runs the image fetches it${host ? ` from ${printable(host)}` : ''}`,
      ];
    }
  }
}

function isSignature(artifactType: string | undefined): boolean {
  return artifactType !== undefined && /cosign|notary|signature|sigstore/i.test(artifactType);
}

function took(ms: number): string {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : duration(ms);
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
