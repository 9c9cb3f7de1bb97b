import { ArchweaveError, isArchweaveError } from '../errors.ts';
import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import type { Published } from '../ledger/interface.ts';
import type { Build } from '../rules/build.ts';
import { buildCaptureNames } from '../rules/key.ts';
import { compareBuilds } from '../rules/order.ts';
import type { Rule } from '../rules/rule.ts';
import { contested } from './contested.ts';
import type { Publish } from './decide.ts';
import type { Verdict } from './examine.ts';
import { missingChild } from './look-again.ts';
import { place, requiredOf, signalOf } from './observe.ts';
import type { Reason } from './reasons.ts';
import { type World, WRITE_TIME } from './world.ts';

export type Writing =
  | { readonly kind: 'written'; readonly manifest: Manifest }
  | { readonly kind: 'held'; readonly reason: Reason }
  /** What was to be put back is gone, and what counts instead is nothing to write. */
  | { readonly kind: 'settled'; readonly decision: Verdict['decision'] }
  | { readonly kind: 'child-gone'; readonly reason: Reason }
  /** Nobody can tell whether it landed, or what it rests on has moved: look again from the start. */
  | { readonly kind: 'again'; readonly error: ArchweaveError };

/**
 * Writes what was decided, once.
 *
 * A write whose answer is lost may still land, even after a later one; so it is never sent again blindly. Whoever
 * does not know the outcome looks. What was published is remembered after the registry's acknowledgement and never
 * before: "remembered, and not there" has to mean that a person took it away.
 */
export async function publish(world: World, verdict: Verdict): Promise<Writing> {
  const { decision, repository, target } = verdict;
  if (decision.kind !== 'publish' && decision.kind !== 'restore')
    throw new ArchweaveError({ code: 'internal', attempt: 'write what was not decided' });
  await world.writeTurn?.();
  if (world.remaining !== undefined && world.remaining() < WRITE_TIME)
    throw new ArchweaveError({
      code: 'timeout',
      attempt: `write ${verdict.registry}/${repository}:${target.tag}`,
      reason: 'no time is left for a write in this run',
      retryable: true,
    });

  const put = decision.kind === 'publish' ? decision : await restoring(world, verdict, decision);
  if (put.kind !== 'publish') return { kind: 'settled', decision: put };
  const brake = await contested(world, verdict, put.manifest.digest);
  if (brake !== undefined) return { kind: 'held', reason: brake };
  try {
    const signal = world.writeSignal?.();
    await world.registry.writeManifest(
      repository,
      target.tag,
      put.manifest,
      signal === undefined ? {} : { signal },
    );
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    return refused(world, verdict, put, error);
  }
  await rememberWritten(world, verdict, put);
  return { kind: 'written', manifest: put.manifest };
}

/** What was published before, by its digest; the newest build there is, where that is no longer whole. */
async function restoring(
  world: World,
  { repository, target: { published } }: Verdict,
  { digest, otherwise }: Extract<Verdict['decision'], { kind: 'restore' }>,
): Promise<typeof otherwise> {
  const readings = await world.registry.readManifests(repository, [digest], signalOf(world));
  const reading = readings.get(digest);
  if (published === undefined || reading?.kind !== 'found') return otherwise;
  const { manifest } = reading;
  if ((await missingChild(world, repository, manifest)) !== undefined) return otherwise;
  return { kind: 'publish', manifest, record: published, reasons: [] };
}

async function refused(
  world: World,
  verdict: Verdict,
  put: Publish,
  error: ArchweaveError,
): Promise<Writing> {
  const { repository, target } = verdict;
  switch (error.code) {
    case 'immutable-tag': {
      const now = (await world.registry.resolveReferences(repository, [target.tag], signalOf(world))).get(
        target.tag,
      );
      if (now === put.manifest.digest) {
        await rememberWritten(world, verdict, put);
        return { kind: 'written', manifest: put.manifest };
      }
      const digest = now === undefined ? {} : { digest: now };
      return { kind: 'held', reason: { code: 'immutable-tag', tag: target.tag, ...digest } };
    }
    case 'locked':
      return { kind: 'held', reason: { code: 'locked', tag: target.tag, registry: verdict.registry } };
    case 'quarantined':
      return { kind: 'held', reason: { code: 'quarantined', tag: target.tag } };
    case 'soft-deleted':
      return { kind: 'held', reason: { code: 'soft-deleted', digest: put.manifest.digest } };
    case 'unsupported':
    case 'malformed':
      return { kind: 'held', reason: { code: 'refused', why: error.reason } };
    case 'too-large':
      return { kind: 'held', reason: { code: 'refused', why: 'it is too large' } };
    case 'child-gone': {
      const reason = await missingChild(world, repository, put.manifest);
      if (reason !== undefined) return { kind: 'child-gone', reason };
      return { kind: 'again', error: error.with({ retryable: true }) };
    }
    case 'timeout':
    case 'unreachable':
    case 'registry-failed':
      return { kind: 'again', error };
    default:
      throw error;
  }
}

async function rememberWritten(world: World, verdict: Verdict, { manifest, record }: Publish): Promise<void> {
  const next: Published = {
    ...record,
    digest: manifest.digest,
    at: new Date(world.clock.now()).toISOString(),
  };
  await remember(world, verdict, next);
}

/**
 * A record of a newer build stays: what is remembered of a target only ever rises. Where somebody has remembered
 * another index of the same build since this look, what the target holds by now tells who is right. False where that
 * is not `next`.
 */
async function remember(world: World, verdict: Verdict, next: Published): Promise<boolean> {
  const { rule, target } = verdict;
  // The time, because what is remembered may have gone away and come back since.
  const isSeen = ({ digest, at }: Published) =>
    digest === target.published?.digest && at === target.published?.at;
  const known = [next.digest, digestOf(target)];
  const order = (stored: Published) => compareBuilds(rule, stored.build, next.build) ?? 0;
  const isNewer = (stored: Published) => stored.digest !== undefined && order(stored) > 0;
  const isRival = (stored: Published) =>
    order(stored) === 0 && !isSeen(stored) && !known.includes(stored.digest);
  const at = { ...place(verdict), tag: target.tag };
  const stored = await world.ledger.remember(at, next, before => isNewer(before) || isRival(before));
  if (!isRival(stored)) return true;
  if (!(await holdsNow(world, verdict, next.digest))) return false;
  await world.ledger.remember(at, next, isNewer);
  return true;
}

function digestOf({ state }: Verdict['target']): Digest | undefined {
  return state.kind === 'absent' ? undefined : state.digest;
}

async function holdsNow(world: World, verdict: Verdict, digest: Digest | undefined): Promise<boolean> {
  const { repository, target } = verdict;
  const now = await world.registry.resolveReferences(repository, [target.tag], signalOf(world));
  return digest !== undefined && now.get(target.tag) === digest;
}

/**
 * Remembers what the target was seen to hold, whatever its group looks like: a crash between a write and its record
 * must not make a later removal look like a group that was never published.
 *
 * False where the target has moved on since it was seen, and has to be looked at again.
 */
export async function rememberSeen(world: World, verdict: Verdict): Promise<boolean> {
  const { rule, target } = verdict;
  const { state, published } = target;
  if (state.kind !== 'own' || !isNamedBy(rule, state.build)) return true;
  if (published?.digest === state.digest) return true;
  const order = published === undefined ? 1 : compareBuilds(rule, state.build, published.build);
  // A late write has covered what is remembered, or this is how the tag was before a person replaced that.
  if (order !== undefined && order < 0) return !isWrite(verdict) || holdsNow(world, verdict, state.digest);
  // The record may have been read after the tags, and be the newer of both.
  if (order === 0 && !(await holdsNow(world, verdict, state.digest))) return false;
  const required = requiredOf(rule, state.children);
  const at = new Date(world.clock.now()).toISOString();
  return remember(world, verdict, { build: state.build, required, digest: state.digest, at });
}

function isWrite({ decision: { kind } }: Verdict): boolean {
  return kind === 'publish' || kind === 'restore';
}

/** Whether a build is told by what tells builds apart now: the rule may have been another one. */
function isNamedBy(rule: Rule, { captures }: Build): boolean {
  return Object.keys(captures).toSorted().join() === buildCaptureNames(rule).toSorted().join();
}

/** Groups that were complete before archweave came are left alone from then on, too. */
export async function rememberBaseline(world: World, verdict: Verdict): Promise<void> {
  if (verdict.decision.kind !== 'ignored' || verdict.decision.baseline === undefined) return;
  const at = new Date(world.clock.now()).toISOString();
  await remember(world, verdict, { build: verdict.build, required: verdict.decision.baseline, at });
}
