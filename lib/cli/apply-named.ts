import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupDocument } from '../assembly/group-document.ts';
import { type ArchweaveError, isArchweaveError } from '../errors.ts';
import { type Applied, applyTarget } from '../plan/apply-target.ts';
import { lookAtTarget } from '../plan/look-at-target.ts';
import { type Planned, plannedOf } from '../plan/planned.ts';
import { type Deed, deedDocument, deedsToTell, sayDeed, writtenLine } from './applied.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { sightsOf } from './make-plan.ts';
import type { Ledgers } from './open-ledgers.ts';
import { summaryOfActions } from './plan-summary.ts';
import type { Scope, ScopeTarget } from './read-scope.ts';
import { targetLines } from './tell-plan.ts';

/** Milliseconds between two looks while something is waited for. */
const LOOK_EVERY = 2_000;

/**
 * Brings the targets to rest that one tag or one event is about, without asking. What somebody else put there is taken
 * over where a person named it. Waits at most `wait` milliseconds for what is missing.
 */
export async function applyNamed(
  { targets, named }: Extract<Scope, { kind: 'targets' }>,
  invocation: Invocation,
  ledgers: Ledgers,
  wait: number | undefined,
): Promise<Answer> {
  const { terminal, now } = invocation;
  const until = now() + (wait ?? 0);
  const deeds = deedsToTell(invocation);
  for (const target of targets) deeds.push(await applyOne({ ...target, named }, invocation, ledgers, until));
  const errors = deeds.flatMap(({ applied }) => (applied.result === 'failed' ? [applied.error] : []));
  const [error] = errors;
  if (error !== undefined && deeds.length === 1) throw error;
  const { errorDocument, renderError } = await import('./print-error.ts');
  for (const one of errors) terminal.say(renderError(one).trimEnd());
  return {
    exit: error === undefined ? worst(deeds.map(exitOfDeed)) : EXIT.failed,
    text: deeds.map(writtenLine).join(''),
    document: {
      readAt: new Date(now()).toISOString(),
      groups: deeds.map(deedDocument),
      summary: summaryOfActions(deeds, deeds.filter(({ planned }) => planned === undefined).length),
      errors: errors.map(errorDocument),
      ...(error !== undefined && { error: errorDocument(error) }),
    },
  };
}

async function applyOne(
  target: ScopeTarget & { readonly named: boolean },
  invocation: Invocation,
  ledgers: Ledgers,
  until: number,
): Promise<Deed> {
  const { host, repository, rule, tag } = target;
  const { flags, now, signal } = invocation;
  const sights = await sightsOf(target, invocation, ledgers);
  const place = { registry: host, repository, rule };
  const asked = { named: target.named, restore: flags.has('restore') };
  const attempt = async (began: number): Promise<[Deed, Planned?]> => {
    const deed = { host, repository, tag };
    try {
      const { verdict, restores } = await lookAtTarget(sights, place, tag, asked);
      const planned = plannedOf(verdict, now(), restores);
      const { group, action } = planned;
      ledgers.sayMissing();
      const settled: Applied = { result: action === 'unchanged' ? 'unchanged' : 'skipped', group };
      const applied =
        group.state === 'publish' ? await applyTarget(sights, { place, tag, asked, restores }) : settled;
      return [{ ...deed, action, applied, ms: now() - began, planned: group }, planned];
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      return [{ ...deed, action: 'ignored', applied: { result: 'failed', error, stale: false }, ms: 0 }];
    }
  };
  let told = '';
  for (;;) {
    const [deed, planned] = await attempt(now());
    const { applied } = deed;
    const left = until - now();
    // What cannot be read at first was misspelt, as likely as not.
    const again = told !== '' && applied.result === 'failed' && applied.error.retryable;
    const waits = again || (applied.result !== 'failed' && applied.group.state === 'waiting');
    if (planned !== undefined) told = sayState(deed, planned, invocation, told);
    if (!waits || left <= 0) return deed;
    if (applied.result === 'failed') told = sayTrouble(applied.error, invocation, told);
    const pause = applied.result === 'failed' ? (applied.error.retryAfter ?? 0) * 1_000 : 0;
    await sleep(Math.min(Math.max(LOOK_EVERY, pause), left), undefined, { signal });
  }
}

/** A registry that is away for a moment is no reason to stop waiting; answers what was told last. */
function sayTrouble({ message, code }: ArchweaveError, { terminal }: Invocation, told: string): string {
  if (code !== told) terminal.say(`  looking again: ${message}`);
  return code;
}

/** A line when the state changes, and one for the write; answers the state that was told last. */
function sayState(deed: Deed, planned: Planned, invocation: Invocation, told: string): string {
  const { applied, repository, tag } = deed;
  if (applied.result === 'failed') return told;
  const state = stateOf(applied.group);
  if (applied.result === 'written') sayDeed(deed, invocation);
  else if (state !== told) {
    const { terminal, now } = invocation;
    // By the write's own look, where that came to something else than the first one.
    const one = { ...planned, group: applied.group, tag: `${repository}:${tag}` };
    const telling = { all: true, full: false, now: now(), paint: terminal.paintNote };
    for (const line of targetLines(one, one.tag.length + 3, telling)) terminal.say(line);
  }
  return state;
}

function stateOf({ state, reasons }: GroupDocument): string {
  return JSON.stringify([state, reasons.map(({ code }) => code)]);
}

function exitOfDeed({ applied }: Deed): ExitCode {
  if (applied.result === 'failed') return EXIT.failed;
  if (applied.result !== 'skipped') return EXIT.ok;
  const { state } = applied.group;
  if (state === 'held') return EXIT.held;
  return state === 'waiting' ? EXIT.waiting : state === 'publish' ? EXIT.pending : EXIT.ok;
}

/** Held beats waiting, waiting beats pending. */
function worst(exits: readonly ExitCode[]): ExitCode {
  const order: readonly ExitCode[] = [EXIT.held, EXIT.waiting, EXIT.pending];
  return order.find(exit => exits.includes(exit)) ?? EXIT.ok;
}
