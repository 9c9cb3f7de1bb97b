import type { Digest } from '../image/digest.ts';
import type { Manifest } from '../image/manifest.ts';
import type { Standing, TargetRef } from '../ledger/interface.ts';
import { announcementOf } from './announcement.ts';
import type { Verdict } from './examine.ts';
import { type Circumstances, type GroupDocument, groupDocument, waitingSince } from './group-document.ts';
import { place } from './observe.ts';
import type { Reason } from './reasons.ts';
import type { Cause } from './wake-up.ts';
import type { World } from './world.ts';

export interface Written {
  readonly verdict: Verdict;
  readonly manifest: Manifest;
}

export interface Findings {
  readonly verdict: Verdict;
  readonly cause: Cause;
  readonly written: Written | undefined;
  /** What the registry said no to, or what stayed gone. */
  readonly held?: Reason;
}

/** What a pass came to for one target. */
export interface Outcome {
  readonly target: TargetRef;
  readonly state: 'published' | 'planned' | 'unchanged' | 'waiting' | 'held' | 'ignored';
  readonly reasons: readonly Reason[];
  readonly group: GroupDocument;
  readonly cause: Cause;
  /** What the target holds now, and what it held before. */
  readonly digest?: Digest;
  readonly previous?: Digest;
}

/** A deadline that has passed is told at once, after a day and after a week, and then no more. */
const REMINDERS = [0, 86_400_000, 7 * 86_400_000];

/**
 * Records where the target stands and tells others, once for each change of state. Nothing here decides anything:
 * losing it loses history.
 */
export async function report(world: World, findings: Findings): Promise<Outcome> {
  const outcome = outcomeOf(world, findings);
  const before = findings.verdict.target.standing;
  if (isAboutAnother(outcome, findings.verdict)) return outcome;
  const now = world.clock.now();
  const standing = standingOf(outcome, findings.verdict, before, now);
  const changed =
    before === undefined || before.state !== standing.state || before.reason !== standing.reason;
  const overdue = isOverdueNow(standing, now);
  const next: Standing = overdue ? { ...standing, reported: (standing.reported ?? 0) + 1 } : standing;
  const final = withDueAt(next);
  if (changed || outcome.state === 'published' || !sameStanding(before, final)) {
    const at = new Date(now).toISOString();
    const event = {
      at,
      event: outcome.state,
      ...(outcome.digest === undefined ? {} : { digest: outcome.digest }),
    };
    const tell = outcome.state === 'published' || (changed && outcome.state !== 'unchanged');
    await world.ledger.record(final, tell ? event : undefined);
  }
  const announcement = announcementOf({ outcome, before, changed, overdue, now });
  if (announcement !== undefined) await world.announce(announcement);
  return outcome;
}

function outcomeOf(world: World, { verdict, cause, written, held }: Findings): Outcome {
  const { decision, target } = verdict;
  const base = { target: { ...place(verdict), tag: target.tag }, cause };
  const group = (more: Omit<Circumstances, 'now'>) =>
    groupDocument(verdict, { now: world.clock.now(), ...more });
  const present = target.state.kind === 'absent' ? undefined : target.state.digest;
  const holds = present === undefined ? {} : { digest: present };
  if (held !== undefined)
    return {
      ...base,
      ...holds,
      state: 'held',
      reasons: [held],
      group: group({ state: 'held', reasons: [held] }),
    };
  if (written !== undefined) {
    const { state } = written.verdict.target;
    const previous = state.kind === 'absent' || state.digest === undefined ? {} : { previous: state.digest };
    const { digest } = written.manifest;
    return { ...base, state: 'published', reasons: [], group: group({ after: digest }), digest, ...previous };
  }
  const { kind, reasons } = decision;
  const state = kind === 'publish' || kind === 'restore' ? 'planned' : kind;
  return { ...base, ...holds, state, reasons, group: group({}) };
}

/** A build older than what the target holds says nothing about the target. */
function isAboutAnother({ reasons }: Outcome, { target }: Verdict): boolean {
  return target.shared && reasons[0]?.code === 'newer-build';
}

function standingOf(outcome: Outcome, verdict: Verdict, before: Standing | undefined, now: number): Standing {
  const { rule, captures } = verdict;
  const state = outcome.state === 'planned' || outcome.state === 'unchanged' ? 'unchanged' : outcome.state;
  const [first] = outcome.reasons;
  const goesOn = before !== undefined && outcome.state !== 'published' && isSameTrouble(before.state, state);
  const kept = goesOn ? before : undefined;
  const registry = state === 'waiting' ? waitingSince(verdict) : undefined;
  const since = registry ?? kept?.since ?? new Date(now).toISOString();
  const overdueAt =
    state === 'waiting' && rule.overdue !== null
      ? new Date(Date.parse(since) + rule.overdue).toISOString()
      : undefined;
  const dueAt = verdict.decision.kind === 'waiting' ? verdict.decision.dueAt : undefined;
  return {
    target: outcome.target,
    rule: rule.name,
    captures,
    state,
    since,
    ...(first === undefined ? {} : { reason: first.code }),
    ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt).toISOString() }),
    ...(overdueAt === undefined ? {} : { overdueAt }),
    ...(kept?.reported === undefined ? {} : { reported: kept.reported }),
  };
}

/** What was published stays so while looks find it unchanged. */
function isSameTrouble(before: Standing['state'], now: Standing['state']): boolean {
  return before === now || (before === 'published' && now === 'unchanged');
}

function isOverdueNow({ state, overdueAt, reported = 0 }: Standing, now: number): boolean {
  const reminder = REMINDERS[reported];
  return (
    state === 'waiting' &&
    overdueAt !== undefined &&
    reminder !== undefined &&
    now >= Date.parse(overdueAt) + reminder
  );
}

/** When to look although no event comes: the decision's own deadline, or the next reminder. */
function withDueAt(standing: Standing): Standing {
  const { overdueAt, reported = 0, dueAt } = standing;
  const reminder = REMINDERS[reported];
  if (overdueAt === undefined || reminder === undefined) return standing;
  const next = new Date(Date.parse(overdueAt) + reminder).toISOString();
  return { ...standing, dueAt: dueAt !== undefined && dueAt < next ? dueAt : next };
}

function sameStanding(a: Standing | undefined, b: Standing): boolean {
  return a !== undefined && a.dueAt === b.dueAt && a.overdueAt === b.overdueAt && a.reported === b.reported;
}
