import type { GroupDocument } from '../assembly/group-document.ts';
import { shortDigest } from '../image/digest.ts';
import { printable } from '../image/printable.ts';
import type { Applied } from '../plan/apply-target.ts';
import type { RegistryPlan } from '../plan/plan-registry.ts';
import type { PlannedAction } from '../plan/planned.ts';
import type { Answer, Invocation } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { failureDocuments } from './make-plan.ts';
import { everyPlanned, exitOf, summaryOf, summaryOfActions } from './plan-summary.ts';
import { errorDocument, renderError } from './print-error.ts';
import { signOf } from './tell-plan.ts';

/** What came of one planned write. */
export interface Deed {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  /** As it was planned. */
  readonly action: PlannedAction;
  readonly applied: Applied;
  readonly ms: number;
  readonly planned?: GroupDocument;
}

/** One line on stderr as soon as it is done, and for a failure the error. */
export function sayDeed(deed: Deed, { terminal }: Invocation): void {
  const { repository, tag, action, applied, ms } = deed;
  if (isFailure(applied)) {
    const text = renderError(applied.error).trimEnd();
    terminal.say(text.replace(/^error:/, label => terminal.paintNote(label, 'red')));
    return;
  }
  const words =
    applied.result === 'written'
      ? `published  ${shortDigest(applied.digest)}   ${Math.round(ms)} ms`
      : applied.result === 'unchanged'
        ? 'unchanged, it is there already'
        : 'moved since the plan, skipped   (archweave plan)';
  const sign = signOf(action, terminal.paintNote);
  terminal.note(`  ${sign} ${printable(`${repository}:${tag}`)}   ${words}`);
}

/** `Applied: 2 published, 0 failed, 42 unchanged, 2 waiting, 1 held.` */
export function saySum(
  deeds: readonly Deed[],
  plans: readonly RegistryPlan[],
  { terminal }: Invocation,
): void {
  const { unchanged, waiting, held } = summaryOf(plans);
  const count = (test: (applied: Applied) => boolean) => deeds.filter(({ applied }) => test(applied)).length;
  const parts = [
    `${count(({ result }) => result === 'written')} published`,
    `${count(isFailure)} failed`,
    `${unchanged + count(({ result }) => result === 'unchanged')} unchanged`,
    `${waiting} waiting`,
    `${held} held`,
  ];
  const skipped = count(isSkipped);
  terminal.note(`Applied: ${parts.join(', ')}${skipped === 0 ? '' : `, ${skipped} skipped`}.`);
}

/**
 * stdout has a line for each tag that was written. What moved since the plan is a failure where the plan was `saved`:
 * then somebody counts on all of it.
 */
export async function applyAnswer(
  deeds: readonly Deed[],
  plans: readonly RegistryPlan[],
  invocation: Invocation,
  { saved = false }: { readonly saved?: boolean } = {},
): Promise<Answer> {
  const { flags, now, terminal } = invocation;
  const stale = deeds.flatMap(({ applied }) =>
    applied.result === 'failed' && applied.stale ? [applied.error] : [],
  );
  if (saved) for (const error of stale) terminal.say(renderError(error).trimEnd());
  const failed = deeds.some(({ applied }) => isFailure(applied)) || (saved && stale.length > 0);
  const errors = deeds.flatMap(({ applied }) => (applied.result === 'failed' ? [applied.error] : []));
  const first = saved ? errors[0] : errors.find(({ code }) => code !== 'stale-plan');
  return {
    exit: failed ? EXIT.failed : exitOfRest(deeds, plans, flags.has('exit-code')),
    text: deeds.map(writtenLine).join(''),
    document: {
      readAt: new Date(now()).toISOString(),
      groups: [...deeds.map(deedDocument), ...restDocuments(deeds, plans)],
      summary: saved ? summaryOfActions(deeds) : summaryOf(plans),
      errors: [...(await failureDocuments(plans)), ...errors.map(errorDocument)],
      ...(first !== undefined && { error: errorDocument(first) }),
    },
  };
}

/** `HOST/REPO:TAG@sha256:...` for what was written, nothing for anything else. */
export function writtenLine({ host, repository, tag, applied }: Deed): string {
  return applied.result === 'written' ? `${host}/${repository}:${tag}@${applied.digest}\n` : '';
}

/**
 * Deeds to be filled as they are done. What was written is on stdout in the end; where the run is stopped before, it
 * is there then. Not line by line, since whoever reads only the first one would end the writing.
 */
export function deedsToTell({ signal, terminal, common }: Invocation): Deed[] {
  const deeds: Deed[] = [];
  const tell = (): void => {
    const lines = deeds.map(writtenLine).join('').trimEnd();
    if (lines !== '' && !common.json) terminal.answer(lines);
  };
  signal.addEventListener('abort', tell, { once: true });
  return deeds;
}

export function deedDocument({ applied, planned, host, repository, tag }: Deed) {
  const group = applied.result === 'failed' ? planned : applied.group;
  const result = applied.result === 'failed' && applied.stale ? 'skipped' : applied.result;
  const digest = applied.result === 'written' ? applied.digest : (group?.before ?? null);
  return {
    ...(group ?? { target: [`${host}/${repository}:${tag}`], registry: host, repository }),
    result,
    digest,
  };
}

function restDocuments(deeds: readonly Deed[], plans: readonly RegistryPlan[]) {
  const done = new Set(deeds.map(({ planned }) => planned));
  return everyPlanned(plans)
    .filter(({ group, action }) => !done.has(group) && action !== 'ignored')
    .map(({ group, action }) => ({
      ...group,
      result: action === 'unchanged' ? ('unchanged' as const) : ('skipped' as const),
      digest: group.before,
    }));
}

function isSkipped(applied: Applied): boolean {
  return applied.result === 'skipped' || (applied.result === 'failed' && applied.stale);
}

function isFailure(applied: Applied): applied is Extract<Applied, { readonly result: 'failed' }> {
  return applied.result === 'failed' && !applied.stale;
}

function exitOfRest(deeds: readonly Deed[], plans: readonly RegistryPlan[], states: boolean): ExitCode {
  const skipped = deeds.filter(({ applied }) => isSkipped(applied)).length;
  return exitOf({ ...summaryOf(plans), publish: skipped, change: 0 }, states);
}
