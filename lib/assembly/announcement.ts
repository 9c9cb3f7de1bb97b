import type { Digest } from '../image/digest.ts';
import type { Standing, TargetRef } from '../ledger/interface.ts';
import type { GroupDocument } from './group-document.ts';
import { duration, sentence } from './reasons.ts';
import type { Outcome } from './report.ts';

/** One change of state, told to whoever listens: the bus, a webhook, the log, the page. */
export interface Announcement {
  readonly type: 'Index Published' | 'Index Held' | 'Index Overdue' | 'Index Planned';
  readonly message: string;
  readonly target: TargetRef;
  readonly group: GroupDocument;
  readonly digest?: Digest;
  readonly previousDigest?: Digest;
  /** What the target was in trouble with before. */
  readonly resolves?: 'held' | 'overdue';
}

/** What changed: where the target stood, and whether a deadline has just passed. `now` is in milliseconds. */
export interface Change {
  readonly outcome: Outcome;
  readonly before: Standing | undefined;
  readonly changed: boolean;
  readonly overdue: boolean;
  readonly now: number;
}

/** One for each change of state, none for a look that finds what was known; waiting is normal and never told. */
export function announcementOf(change: Change): Announcement | undefined {
  const { outcome, changed, overdue, now } = change;
  const { target, group, reasons, digest } = outcome;
  const name = `${target.repository}:${target.tag}`;
  const common = { target, group, ...(digest === undefined ? {} : { digest }) };
  const why = reasons[0] === undefined ? '' : sentence(reasons[0]);
  const platforms = group.platforms.join(' ');
  if (outcome.state === 'published')
    return { ...common, ...published(change, `${name} is published for ${platforms}`) };
  if (outcome.state === 'planned' && changed)
    return { ...common, type: 'Index Planned', message: `${name} would be published for ${platforms}` };
  if (outcome.state === 'held' && changed) {
    const keeps = group.keeps === undefined ? '' : ` The tag keeps ${group.keeps}.`;
    return { ...common, type: 'Index Held', message: `${name} is held: ${why}.${keeps}` };
  }
  if (!overdue) return undefined;
  const since = group.since === null ? '' : ` since ${duration(now - Date.parse(group.since))}`;
  return { ...common, type: 'Index Overdue', message: `${name} is overdue: ${why}${since}` };
}

function published({ outcome, before, now }: Change, what: string) {
  const { target, digest, previous } = outcome;
  const resolves =
    before?.state === 'held' ? ('held' as const) : before?.reported ? ('overdue' as const) : undefined;
  const type = 'Index Published' as const;
  const moved = previous === undefined ? {} : { previousDigest: previous };
  if (before === undefined || resolves === undefined)
    return { type, message: `${what}: ${target.registry}/${target.repository}@${digest}`, ...moved };
  const trouble = `it was ${resolves} for ${duration(now - Date.parse(before.since))} (${before.reason})`;
  return { type, message: `${what}; ${trouble}`, ...moved, resolves };
}
