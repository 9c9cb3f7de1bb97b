import type { Digest } from '../image/digest.ts';
import { copyImage } from '../import/copy.ts';
import type { CopySource, CopyTarget } from '../import/copy-ends.ts';
import { copyItem, type ItemPosition } from '../import/copy-item.ts';
import { type CopyItem, copyItems } from '../import/copy-items.ts';
import type { CopyOutcome } from '../import/copy-outcome.ts';
import { fetchFirst } from '../import/fetch-first.ts';
import { heldError, refusalError } from '../import/import-error.ts';
import { type ImportEvent, type ImportFacts, importFailed, importFinished } from '../import/import-event.ts';
import { type ImageImport, namesOf } from '../import/import-image.ts';
import type { CopyWork } from '../import/plan.ts';
import { prepareCopy } from '../import/prepare-copy.ts';
import { askedOf, ruleRequest } from '../import/rule-request.ts';
import { streamWords, wayOf } from '../import/server-side-way.ts';
import { Tally } from '../import/tally.ts';
import type { CopiedStore } from '../ledger/copied.ts';
import type { ImportTask } from '../messages/import-message.ts';
import type { ImportRule } from '../rules/import-rule.ts';
import type { TagPlace } from '../rules/import-scope.ts';
import type { Rule } from '../rules/rule.ts';
import { type FetchState, fetchedByTarget, plainReason } from './fetched-by-target.ts';
import { type ImportPlaces, importFacts, importPlaces, refused } from './import-places.ts';
import { failureFacts, type Telemetry } from './telemetry.ts';

export interface ImportStepsOptions {
  readonly imports: readonly ImportRule[];
  readonly rules: readonly Rule[];
  readonly registryOf: (host: string) => (CopySource['registry'] & CopyTarget['registry']) | undefined;
  readonly copied: CopiedStore;
  readonly tell: (event: ImportEvent) => Promise<void>;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** About how many bytes one step sends. */
  readonly sliceBytes?: number;
  /** Milliseconds that a registry is waited for which fetches the image by itself; 10 minutes by default. */
  readonly fetchDeadline?: number;
}

/** What the state machine hands on of a plan. */
export type PlanState = { readonly way: 'nothing'; readonly round: number } | PlannedState;

/** What is to be copied, and by whom: `acr-import` where the target's registry is asked to fetch it first. */
export interface PlannedState extends FetchState {
  readonly way: 'copy' | 'acr-import';
  /** Plans so far: one more each time that the source's tag had moved to something large. */
  readonly round: number;
  readonly items: readonly CopyItem[];
  readonly had: number;
  readonly total: number;
}

type Copied = Extract<CopyOutcome, { readonly kind: 'copied' }>;
type EndsOfJob = Pick<ImageImport, 'request'> & { readonly source: CopySource };

interface Finishing extends FetchState {
  /** Bytes that the steps before moved. */
  readonly moved: number;
  readonly total: number;
  /** Milliseconds since 1970. */
  readonly began: number;
}

export interface FinishState {
  /** False: there is much to copy all the same, so that it has to be planned again. */
  readonly done: boolean;
}

/** Bytes that the last step copies by itself where a little is missing. */
const A_LITTLE = 256 * 1024 * 1024;
/** How often an image is planned anew before it is given up for now. */
const MOST_ROUNDS = 4;

/**
 * The steps that an execution takes: each looks at both registries, does a part, and answers in plain data. Each may
 * be repeated, and goes on from what is there.
 */
export function createImportSteps(options: ImportStepsOptions) {
  const { imports, rules, registryOf, copied, tell, telemetry, now, sliceBytes, fetchDeadline } = options;

  function jobOf(task: ImportTask) {
    const places = importPlaces(task, imports, rules);
    const end = ({ registry: host, repository }: TagPlace) => {
      const registry = registryOf(host);
      if (registry === undefined) throw refused(`reach ${host}`, 'this deployment has no way there');
      return { registry, host, repository };
    };
    const { rule, source, target } = places;
    return {
      ...{ places, request: ruleRequest(rule, source.tag) },
      ...{ source: end(source), target: end(target) },
    };
  }
  type Job = ReturnType<typeof jobOf>;

  const factsOf = (places: ImportPlaces, began: number): ImportFacts =>
    importFacts(places, { now: now(), ms: now() - began });

  async function remember({ places: { target, rule } }: Job, source: string): Promise<void> {
    const what = `${source} ${askedOf(rule)}`;
    const before = await copied.copied(target);
    if (before?.what !== what) await copied.setCopied(target, { what, times: (before?.times ?? 0) + 1 });
  }

  async function prepare(job: Job) {
    const prepared = await prepareCopy(job.request, job.source, job.target);
    if (prepared.kind === 'refused') throw refusalError(prepared.refusal, namesOf(job));
    return prepared;
  }

  /** Of a plan, what there is to copy. */
  function partsOf(job: Job, plan: CopyWork): Pick<PlannedState, 'items' | 'had' | 'total'> {
    const dealt = copyItems(plan.blobs);
    if (dealt.kind === 'too-large')
      throw refusalError({ reason: 'too-many-blobs', count: dealt.count, most: dealt.most }, namesOf(job));
    const { had, total } = new Tally(plan).bytes;
    return { items: dealt.items, had, total };
  }

  return {
    async plan(task: ImportTask, roundsBefore: number): Promise<PlanState> {
      const round = roundsBefore + 1;
      const job = jobOf(task);
      const held = await heldAtSource(job);
      // What is gone at the source stays at the target.
      if (held === undefined) return { way: 'nothing', round };
      const plan = await prepare(job);
      if (plan.kind === 'unchanged') {
        await remember(job, held);
        return { way: 'nothing', round };
      }
      if (round > MOST_ROUNDS) throw heldError({ code: 'source-moving', moves: round - 1 }, namesOf(job));
      const parts = partsOf(job, plan);
      const way = wayOf(plan, job.source, job.target);
      if (way.kind === 'server-side') return { way: 'acr-import', round, ...parts };
      return { way: 'copy', round, ...parts, ...(way.why && { streamed: way.why }) };
    },

    /** Has the target's registry fetch the image by itself. Answers the plan of what is left to copy, whatever came. */
    async fetch(task: ImportTask, before: PlannedState, pause: AbortSignal): Promise<PlannedState> {
      const job = jobOf(task);
      const plan = await prepare(job);
      const whole = { ...before, way: 'copy', items: [] } as const;
      if (plan.kind === 'unchanged') return whole;
      const { round } = before;
      const first = await fetchFirst(plan, job.source, job.target, {
        signal: pause,
        ...(fetchDeadline !== undefined && { deadline: fetchDeadline }),
      });
      if (first.kind === 'fetched') {
        telemetry.log('info', 'import fetched', { ...task, bytes: first.bytes });
        return { way: 'copy', round, ...partsOf(job, first.plan), fetched: first.bytes };
      }
      const { why } = first;
      const streamed = why && { streamed: plainReason(why) };
      if (why) telemetry.log('warn', 'import streamed', { ...task, why: why.code, reason: streamWords(why) });
      const left = first.stale ? await prepare(job) : plan;
      return left.kind === 'unchanged'
        ? { ...whole, ...streamed }
        : { way: 'copy', round, ...partsOf(job, left), ...streamed };
    },

    /** Ends in good order when `pause` comes, to go on from what it answers. */
    async blob(
      task: ImportTask,
      item: CopyItem,
      at: ItemPosition,
      pause: AbortSignal,
    ): Promise<ItemPosition> {
      const { source, target } = jobOf(task);
      const most = sliceBytes === undefined ? {} : { most: sliceBytes };
      const reached = await copyItem(item, source, target, at, { pause, ...most });
      telemetry.measure('BytesCopied', reached.moved - at.moved);
      const { done, blobs, moved } = reached;
      telemetry.log('info', 'import part', { ...task, done, blobs, of: item.blobs.length, moved });
      return reached;
    },

    async finish(
      task: ImportTask,
      { moved, total, began, ...fetching }: Finishing,
      pause: AbortSignal,
    ): Promise<FinishState> {
      const job = jobOf(task);
      const plan = await prepare(job);
      if (plan.kind === 'copy' && missing(plan) > A_LITTLE) return { done: false };
      const outcome = await copyImage(plan, job.source, job.target, { signal: pause, streams: true });
      if (outcome.kind === 'refused') throw refusalError(outcome.refusal, namesOf(job));
      if (outcome.kind === 'held') throw heldError(outcome.reason, namesOf(job));
      // Where it is whole already, this step was cut off after its last write.
      const written =
        outcome.kind === 'copied' ? outcome : wholeAlready(outcome.digest, job.request.tag, total);
      telemetry.measure('BytesCopied', written.bytes.copied);
      const all = Math.min(written.bytes.total, moved + written.bytes.copied);
      const bytes = { copied: all, had: written.bytes.total - all, total: written.bytes.total };
      const source = plan.kind === 'copy' ? plan.source : await heldAtSource(job);
      // Told before it is remembered: what is cut off in between tells it twice, and never not at all.
      const told = { ...written, bytes, ...fetchedByTarget(fetching) };
      await tell(importFinished(factsOf(job.places, began), { outcome: told }));
      if (source !== undefined) await remember(job, source);
      telemetry.log('info', 'imported', { ...task, digest: written.digest, bytes: all });
      return { done: true };
    },

    /** Tells that an execution was given up, and why. */
    async failed(task: ImportTask, error: unknown, began: number): Promise<void> {
      telemetry.log('error', 'import failed', { ...task, ...failureFacts(error) });
      await tell(
        importFailed(factsOf(importPlaces(task, imports, rules), began), error, { retrying: false }),
      );
    },
  };
}

async function heldAtSource({ source: { registry, repository }, request: { reference } }: EndsOfJob) {
  return (await registry.resolveReferences(repository, [reference])).get(reference);
}

function wholeAlready(digest: Digest, tag: string | undefined, total: number): Copied {
  return {
    ...{ kind: 'copied', digest, tags: tag === undefined ? [] : [tag], blobs: 0, referrers: 0, dropped: [] },
    ...{ moves: 0, bytes: { copied: 0, had: total, total } },
  };
}

function missing({ blobs, referrers }: CopyWork): number {
  return [...blobs, ...referrers.flatMap(referrer => referrer.blobs)].reduce(
    (sum, { size }) => sum + size,
    0,
  );
}
