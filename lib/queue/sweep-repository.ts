import { type Cause, verifyWakeUps, type WakeUp } from '../assembly/wake-up.ts';
import type { MarkStore } from '../ledger/marks.ts';
import type { SweepTask } from '../messages/sweep-message.ts';
import type { ManifestReader, TagLister } from '../registry/interfaces.ts';
import { type HeldTag, readTags } from '../registry/read-tags.ts';
import { concerns, targetsConcerned } from '../rules/concern.ts';
import { candidates, rulesFor, targetOf } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import { enqueue } from './enqueue.ts';
import { lookMark } from './look-mark.ts';
import type { WorkQueue } from './work-queue.ts';

export interface SweepRepositoryOptions {
  readonly reader: TagLister & Pick<ManifestReader, 'resolveReferences'>;
  readonly rules: readonly Rule[];
  readonly queue: Pick<WorkQueue, 'send'>;
  readonly marks: Pick<MarkStore, 'marks'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Whether there is time to go on. */
  readonly goesOn: () => boolean;
}

export interface SweptRepository {
  readonly targets: number;
  readonly wakeUps: number;
  /** Targets past the horizon that nobody ever looked at: a person may `apply` them. */
  readonly pastHorizon: number;
  /** The last target that is done, where time ran out. */
  readonly after?: string;
}

/**
 * Finds what no event told in one repository: lists its tags, which tells what each holds, and wakes each target
 * whose tags are not what they were at the last look. Reads no manifest and writes nothing to the registry.
 *
 * A target that was never looked at is left alone if everything in it is older than the rule's horizon. The first
 * sweep of a registry under a rule says so (`first-sweep`): what was complete before stays as it is.
 */
export async function sweepRepository(
  options: SweepRepositoryOptions,
  task: SweepTask & { readonly repository: string },
): Promise<SweptRepository> {
  const { reader, rules, queue, marks, goesOn } = options;
  const { registry, repository, after = '', began, first } = task;
  const concerned = rulesFor(rules, registry, repository);
  const matters = (tag: string) => concerned.some(rule => concerns(rule, tag));
  const [tags, known] = await Promise.all([
    readTags(reader, repository, matters),
    marks.marks(registry, repository),
  ]);
  const targets = concerned
    .flatMap(rule =>
      targetsIn(rule, tags, known).map(target => ({ rule, target, name: `${target} ${rule.name}` })),
    )
    .filter(({ name }) => name > after)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

  const counts = { targets: 0, wakeUps: 0, pastHorizon: 0 };
  let pending: WakeUp[] = [];
  const flush = async () => {
    await enqueue(queue, pending, rules);
    counts.wakeUps += pending.length;
    pending = [];
  };
  for (const { rule, target, name } of targets) {
    counts.targets += 1;
    const look = lookAt(rule, target, tags, known, options.now());
    if (look === 'past horizon') counts.pastHorizon += 1;
    if (look !== 'changed') continue;
    // The id has the target in it: after a continuation the numbers begin again.
    const source: Cause['source'] = first.includes(rule.name) ? 'first-sweep' : 'sweep';
    const cause: Cause = { source, id: `sweep:${began}:${target}`, time: began };
    pending.push(...verifyWakeUps(rule, registry, repository, target, cause));
    if (pending.length < 100) continue;
    await flush();
    if (!goesOn()) return { ...counts, after: name };
  }
  await flush();
  return counts;
}

/** Targets that the tags there may concern, and those that were looked at once and may have lost all their tags. */
function targetsIn(
  rule: Rule,
  tags: ReadonlyMap<string, HeldTag>,
  known: ReadonlyMap<string, string>,
): readonly string[] {
  const found = [...tags.keys()].flatMap(tag => targetsConcerned(rule, tag));
  const former = [...known.keys()].filter(tag => targetOf(rule, tag).length > 0);
  return [...new Set([...found, ...former])];
}

function lookAt(
  rule: Rule,
  target: string,
  tags: ReadonlyMap<string, HeldTag>,
  known: ReadonlyMap<string, string>,
  now: number,
): 'changed' | 'same' | 'past horizon' {
  const mark = lookMark(rule, target, tag => tags.get(tag)?.digest);
  // What several builds share is looked at each time: there are few such targets.
  if (mark === undefined) return 'changed';
  const before = known.get(target);
  if (before !== undefined) return before === mark ? 'same' : 'changed';
  const captures = targetOf(rule, target)[0]?.captures ?? {};
  const names = [target, ...candidates(rule, captures).map(({ tag }) => tag)];
  const pushes = names.flatMap(name => {
    const held = tags.get(name);
    return held === undefined ? [] : [held.pushedAt === undefined ? now : Date.parse(held.pushedAt)];
  });
  return !rule.backfill && now - Math.max(...pushes) > rule.horizon ? 'past horizon' : 'changed';
}
