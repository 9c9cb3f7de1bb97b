import { isArchweaveError } from '../errors.ts';
import type { RegistryPlan } from '../plan/plan-registry.ts';
import type { Answer, Invocation } from './command.ts';
import type { EventScope } from './event-scope.ts';
import { EXIT } from './exit-codes.ts';
import { failureDocuments, makePlan, sayFailures } from './make-plan.ts';
import { openLedgers } from './open-ledgers.ts';
import { everyPlanned, exitOf, summaryOf } from './plan-summary.ts';
import { readScope } from './read-scope.ts';
import { planLines } from './tell-plan.ts';

/** `plan`: what would be written, everywhere or within SCOPE. Reads only. */
export async function run(invocation: Invocation): Promise<Answer> {
  const { flags, operands } = invocation;
  const file = flags.value('event');
  if (file !== undefined) return await planEvent(file, invocation);
  const scope = await readScope(operands[0], invocation);
  const ledgers = openLedgers(invocation);
  const began = invocation.now();
  try {
    const plans = await makePlan(await ledgers.settle(scope), invocation, ledgers);
    ledgers.sayMissing();
    await sayFailures(plans, invocation);
    // What was named is shown, whatever is to be said of it.
    const named = scope.kind === 'targets';
    const took = named ? { all: true } : { took: invocation.now() - began };
    const lines = [...planLines(plans, telling(invocation, took)), ...nextLines(plans, invocation)];
    return await answer(plans, invocation, lines, { all: named });
  } finally {
    ledgers.close();
  }
}

async function planEvent(file: string, invocation: Invocation): Promise<Answer> {
  const { readEventScope } = await import('./event-scope.ts');
  const event = await readEventScope(file, invocation.operands[0], invocation);
  if (event.targets.length === 0) {
    return {
      exit: EXIT.ok,
      text: `${event.heads.join('\n')}\n`,
      document: { ...(await documentOf([], invocation, true)), events: event.document },
    };
  }
  const ledgers = openLedgers(invocation);
  try {
    const scope = await ledgers.settle({ kind: 'targets', targets: event.targets, named: false });
    const plans = await makePlan(scope, invocation, ledgers);
    ledgers.sayMissing();
    const lines = [
      ...event.heads,
      ...ownIndexLines(event, plans),
      '',
      ...planLines(plans, telling(invocation, { all: true })),
    ];
    return await answer(plans, invocation, lines, { all: true, events: event.document });
  } catch (error) {
    // Which index the event is about is known although its registry cannot be asked.
    if (isArchweaveError(error)) for (const head of event.heads) invocation.terminal.say(head);
    throw error;
  } finally {
    ledgers.close();
  }
}

/** A push of a target that holds what was pushed, and is ours: it is looked at, as any push of a target is. */
function ownIndexLines({ pushedTargets }: EventScope, plans: readonly RegistryPlan[]): readonly string[] {
  return everyPlanned(plans).flatMap(({ group, own, tag }) => {
    const digest = pushedTargets.get(`${group.repository}:${tag}`);
    return own && digest !== undefined && digest === group.before
      ? ["this is archweave's own index: it is looked at, and pushes nothing  [own-index]"]
      : [];
  });
}

function telling(
  { flags, now, terminal }: Invocation,
  more: { readonly took?: number; readonly all?: boolean },
) {
  return { all: flags.has('all'), full: flags.has('full'), now: now(), paint: terminal.paint, ...more };
}

async function answer(
  plans: readonly RegistryPlan[],
  invocation: Invocation,
  lines: readonly string[],
  { all, events }: { readonly all: boolean; readonly events?: EventScope['document'] },
): Promise<Answer> {
  return {
    exit: exitOf(summaryOf(plans), invocation.flags.has('exit-code')),
    text: `${lines.join('\n')}\n`,
    document: { ...(await documentOf(plans, invocation, all)), ...(events && { events }) },
  };
}

async function documentOf(plans: readonly RegistryPlan[], { flags, now }: Invocation, all: boolean) {
  const shown = everyPlanned(plans).filter(
    ({ action }) => all || flags.has('all') || (action !== 'unchanged' && action !== 'ignored'),
  );
  return {
    readAt: new Date(now()).toISOString(),
    groups: shown.map(({ group }) => group),
    summary: summaryOf(plans),
    errors: await failureDocuments(plans),
  };
}

function nextLines(plans: readonly RegistryPlan[], { operands, common }: Invocation): readonly string[] {
  const { publish, change } = summaryOf(plans);
  if (publish + change === 0) return [];
  const config = common.config === undefined ? '' : ` -c ${common.config}`;
  const scope = operands[0] === undefined ? '' : ` ${operands[0]}`;
  return [
    `To write it:           archweave apply${config}${scope}`,
    `Exactly this, later:   archweave plan${config}${scope} --json > p.json; archweave apply${config} --plan p.json`,
  ];
}
