import { duration, shortBuild } from '../assembly/reasons.ts';
import { shortDigest } from '../image/digest.ts';
import { printable } from '../image/printable.ts';
import type { RegistryPlan } from '../plan/plan-registry.ts';
import type { RepositoryPlan } from '../plan/plan-repository.ts';
import type { Planned, PlannedAction } from '../plan/planned.ts';
import { naturalOrder } from './natural-order.ts';
import { everyPlanned, type PlanSummary, summaryOf } from './plan-summary.ts';
import type { Colour, Paint } from './terminal.ts';

export interface PlanTelling {
  /** Shows what is unchanged or left alone, too. */
  readonly all: boolean;
  /** Full digests. */
  readonly full: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long reading took, in milliseconds; left out where only named targets were read. */
  readonly took?: number;
  readonly paint: Paint;
}

const ORDER: readonly PlannedAction[] = ['new', 'change', 'held', 'waiting', 'unchanged', 'ignored'];

const LOOKS: Readonly<Record<PlannedAction, readonly [sign: string, word: string, colour: Colour]>> = {
  new: ['+', 'new', 'green'],
  change: ['~', 'changes', 'yellow'],
  held: ['!', 'held', 'red'],
  waiting: ['?', 'waiting', 'yellow'],
  unchanged: ['=', 'unchanged', 'dim'],
  ignored: ['-', 'ignored', 'dim'],
};

/** The sign of what is done to a target, with its colour. */
export function signOf(action: PlannedAction, paint: Paint): string {
  const [sign, , colour] = LOOKS[action];
  return paint(sign, colour);
}

/** The plan as people read it, up to and with the line that counts; what to type next is the command's to say. */
export function planLines(plans: readonly RegistryPlan[], telling: PlanTelling): readonly string[] {
  const shown = (one: Planned) => telling.all || (one.action !== 'unchanged' && one.action !== 'ignored');
  const tags = everyPlanned(plans)
    .filter(shown)
    .map(({ tag }) => tag.length);
  const width = Math.max(5, ...tags) + 3;
  const blocks = plans.flatMap(plan => {
    const repositories = plan.repositories
      .map(one => ({ ...one, planned: one.planned.filter(shown) }))
      .filter(({ planned }) => planned.length > 0);
    const lines = repositories.flatMap(one => repositoryLines(one, width, telling));
    return [headerOf(plan, telling.took), '', ...(lines.length === 0 ? [] : [...lines, ''])];
  });
  return [...blocks, ...leftOutLines(plans, telling.all), ...countLines(summaryOf(plans), plans)];
}

/** One target, with the lines that say why. */
export function targetLines(one: Planned, width: number, telling: PlanTelling): readonly string[] {
  const { action, group, tag, platforms } = one;
  const [sign, plain, colour] = LOOKS[action];
  const word = group.overdue ? 'OVERDUE' : plain;
  const head = `${telling.paint(`${sign} ${printable(tag).padEnd(width)}${word.padEnd(11)}`, colour)}${platforms.join(' ')}`;
  const indent = ' '.repeat(width + 4);
  return [`  ${head}`.trimEnd(), ...detailsOf(one, telling).map(line => indent + line)];
}

/** `missing 1 of 2; 12 min, overdue in 18 min`: the reasons, and how long it has been so. */
export function reasonsOf({ group }: Pick<Planned, 'group'>, now: number): readonly string[] {
  const reasons = group.reasons.filter(({ code }) => code !== 'same-bytes').map(({ message }) => message);
  if (group.state !== 'waiting' || group.since === null) return reasons;
  const left = group.overdueAt === null ? undefined : Date.parse(group.overdueAt) - now;
  const deadline =
    left === undefined
      ? ''
      : left > 0
        ? `, overdue in ${duration(left)}`
        : `, overdue since ${duration(-left)}`;
  const [first = '', ...others] = reasons;
  return [`${first}; ${duration(now - Date.parse(group.since))}${deadline}`, ...others];
}

function repositoryLines(
  { repository, planned }: Pick<RepositoryPlan, 'repository' | 'planned'>,
  width: number,
  telling: PlanTelling,
): readonly string[] {
  const rank = ({ action }: Planned) => ORDER.indexOf(action);
  const sorted = planned.toSorted((a, b) => rank(a) - rank(b) || naturalOrder(b.tag, a.tag));
  return [`  ${repository}`, ...sorted.flatMap(one => targetLines(one, width, telling))];
}

function detailsOf(one: Planned, { full, now }: PlanTelling): readonly string[] {
  const { action, group, restores } = one;
  const digest = full ? (text: string) => text : shortDigest;
  const reasons = reasonsOf(one, now);
  const back = restores ? ['was deleted or replaced by a person, and is put back'] : [];
  switch (action) {
    case 'new':
      return [...(group.build === null ? [] : [`build ${shortBuild(group.build)}`]), ...back, ...reasons];
    case 'change':
      return [`${digest(group.before!)} -> ${digest(group.after!)}`, ...back, ...reasons];
    case 'unchanged':
      return [...(group.before === null ? [] : [digest(group.before)]), ...reasons];
    default:
      return reasons;
  }
}

function headerOf({ host, repositories, failures }: RegistryPlan, took: number | undefined): string {
  if (failures.some(({ repository }) => repository === undefined)) return `${host}  could not be read`;
  if (took === undefined) return host;
  const tags = repositories.reduce((sum, one) => sum + one.tags, 0);
  const seconds = (took / 1000).toFixed(1);
  const read = `${count(repositories.length, 'repository', 'repositories')}, ${count(tags, 'tag', 'tags')}, read in ${seconds} s`;
  const unread = count(failures.length, 'repository', 'repositories');
  return `${host}  ${read}${failures.length === 0 ? '' : `; ${unread} could not be read`}`;
}

function leftOutLines(plans: readonly RegistryPlan[], all: boolean): readonly string[] {
  const { unchanged } = summaryOf(plans);
  const unruled = plans
    .flatMap(({ repositories }) => repositories)
    .reduce((sum, one) => sum + one.unruled, 0);
  const parts = [
    ...(unchanged === 0 || all ? [] : [`${unchanged} unchanged (--all shows them)`]),
    ...(unruled === 0 ? [] : [`${count(unruled, 'tag belongs', 'tags belong')} to no rule`]),
  ];
  return parts.length === 0 ? [] : [`${parts.join(', ')}.`];
}

function countLines(summary: PlanSummary, plans: readonly RegistryPlan[]): readonly string[] {
  const { publish, change, unchanged, waiting, held, failed } = summary;
  const overdue = everyPlanned(plans).filter(({ group }) => group.overdue).length;
  const waits = `${waiting} waiting${overdue === 0 ? '' : ` (${overdue} overdue)`}`;
  const fails = failed === 0 ? '' : `, ${failed} failed`;
  if (publish + change > 0 || failed > 0) {
    const all = `${publish} new, ${change} to change, ${unchanged} unchanged, ${waits}, ${held} held${fails}`;
    return [`Plan: ${all}. Nothing was written.`];
  }
  const right =
    unchanged === 1 ? '1 index is as its members say' : `${unchanged} indexes are as their members say`;
  return [`No changes. ${right}.${waiting + held === 0 ? '' : ` ${waits}, ${held} held.`}`];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
