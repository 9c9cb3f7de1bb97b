import { isArchweaveError } from '../errors.ts';
import { type BlobsOptions, copyBlobs } from './copy-blobs.ts';
import type { CopySource, CopyTarget } from './copy-ends.ts';
import type { CopyOutcome, Dropped } from './copy-outcome.ts';
import { copyReferrers } from './copy-referrers.ts';
import { fetchFirst } from './fetch-first.ts';
import { finishCopy } from './finish-copy.ts';
import type { CopyPlan, CopyWork } from './plan.ts';
import { prepareCopy } from './prepare-copy.ts';
import type { CopyProgress } from './progress.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import type { StreamReason } from './server-side-way.ts';
import { Tally } from './tally.ts';
import type { UploadNotes } from './upload-notes.ts';

export interface CopyOptions {
  /**
   * Ends the copy in good order: what is under way is brought to where the next run goes on, in two seconds at most,
   * and `interrupted` is thrown.
   */
  readonly signal?: AbortSignal;
  /** Hears how far it is, as often as bytes come; whoever shows it chooses when to look. The object is reused. */
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Bytes a second, of all blobs together. */
  readonly limitRate?: number;
  /** The bucket that these bytes are taken from, where several copies share one. */
  readonly limit?: RateLimit;
  /** Blobs whose bytes flow at once, 4 by default; as many again are begun and closed meanwhile. */
  readonly parallel?: number;
  readonly notes?: UploadNotes;
  /** Milliseconds that a registry is waited for which fetches the image by itself; 10 minutes by default. */
  readonly deadline?: number;
  /** Every byte comes through here, whatever the target's registry could fetch by itself. */
  readonly streams?: boolean;
}

/** How often the source's tag may move under a copy before it is given up for now. */
const MOST_MOVES = 3;
/** Milliseconds that requests under way are given to end when the copy is stopped. */
const GRACE = 2000;

/**
 * Copies what was planned: blobs, manifests, referrers, and the tag last. Where the target's registry can fetch the
 * image by itself it is asked to, and where it does not, the bytes come through here. Where the source's tag moves
 * meanwhile, or the target loses something that it had (once), it plans again and copies what is then missing.
 */
export async function copyImage(
  begun: CopyPlan,
  source: CopySource,
  target: CopyTarget,
  options: CopyOptions = {},
): Promise<CopyOutcome> {
  const { notes, signal, onProgress, deadline, streams = false } = options;
  const preparing = { ...(signal && { signal }), ...(notes && { notes }) };
  const asking = { onProgress, ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
  const rounds: Round[] = [];
  let plan = begun;
  let fetched = { bytes: 0, blobs: 0 };
  let streamed: StreamReason | undefined;
  for (let moves = 0, healed = false; ; ) {
    if (plan.kind === 'refused') return { kind: 'refused', refusal: plan.refusal };
    if (plan.kind === 'unchanged') return { kind: 'unchanged', digest: plan.digest };
    if (!streams && streamed === undefined && !healed) {
      const first = await fetchFirst(plan, source, target, asking);
      if (first.kind === 'fetched') {
        fetched = { bytes: fetched.bytes + first.bytes, blobs: fetched.blobs + first.blobs };
        plan = first.plan;
      } else {
        streamed = first.why;
        if (first.stale) {
          plan = await prepareCopy(plan.request, source, target, preparing);
          continue;
        }
      }
    }
    const round = await copyOnce(plan, source, target, options).catch(error => {
      if (healed || !isArchweaveError(error) || error.code !== 'child-gone') throw error;
      healed = true;
      return 'heal' as const;
    });
    if (round === 'heal') {
      plan = await prepareCopy(plan.request, source, target, { ...preparing, thorough: true });
      continue;
    }
    rounds.push(round);
    const { finished } = round;
    if (finished.kind === 'held') return finished;
    if (finished.kind === 'done') {
      const brought = fetched.blobs > 0 && { fetched: fetched.bytes };
      const outcome = copied(plan, finished.tags, rounds, {
        moves,
        ...brought,
        ...(streamed && { streamed }),
      });
      return { ...outcome, blobs: outcome.blobs + fetched.blobs };
    }
    if (++moves > MOST_MOVES) return { kind: 'held', reason: { code: 'source-moving', moves } };
    plan = await prepareCopy(plan.request, source, target, preparing);
  }
}

type Copied = Extract<CopyOutcome, { readonly kind: 'copied' }>;

interface Round {
  readonly finished: Awaited<ReturnType<typeof finishCopy>>;
  readonly tally: Tally;
  readonly referrers: number;
  readonly dropped: readonly Dropped[];
}

async function copyOnce(
  plan: CopyWork,
  source: CopySource,
  target: CopyTarget,
  { signal, onProgress, limitRate = Number.POSITIVE_INFINITY, parallel = 4, notes, ...more }: CopyOptions,
): Promise<Round> {
  const tally = new Tally(plan, onProgress);
  const stop = stopping(signal);
  const limit = more.limit ?? (Number.isFinite(limitRate) ? rateLimit(limitRate) : undefined);
  const sending: BlobsOptions = {
    signal: stop.hard,
    pause: signal,
    parallel,
    limit,
    limitRate,
    notes,
    tally,
  };
  let dropped: readonly Dropped[] = [];
  const { referrers } = plan;
  try {
    tally.phase('copying');
    await copyBlobs(plan.blobs, source, target, sending);
    const finished = await finishCopy(plan, source, target, {
      ...(signal && { signal }),
      onPhase: phase => tally.phase(phase),
      ...(referrers.length > 0 && {
        beforeTags: async () => {
          dropped = await copyReferrers(referrers, source, target, sending);
        },
      }),
    });
    return { finished, tally, dropped, referrers: referrers.length - dropped.length };
  } finally {
    stop.end();
  }
}

function copied(
  plan: CopyWork,
  tags: readonly string[],
  rounds: readonly Round[],
  more: Pick<Copied, 'moves' | 'fetched' | 'streamed'>,
): Copied {
  const last = rounds.at(-1)!;
  const sum = (of: (round: Round) => number) => rounds.reduce((all, round) => all + of(round), 0);
  return {
    kind: 'copied',
    digest: plan.root.digest,
    tags,
    bytes: { ...last.tally.bytes, copied: sum(({ tally }) => tally.bytes.copied) },
    blobs: sum(({ tally }) => tally.done),
    referrers: last.referrers,
    dropped: last.dropped,
    ...more,
  };
}

/** A signal that follows another after a while in which requests may end by themselves. */
function stopping(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => controller.abort(signal?.reason), GRACE);
  };
  if (signal?.aborted) controller.abort(signal.reason);
  else signal?.addEventListener('abort', begin, { once: true });
  return {
    hard: controller.signal,
    end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', begin);
    },
  };
}
