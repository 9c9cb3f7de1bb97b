import type { Verdict } from '../assembly/examine.ts';
import { type GroupDocument, groupDocument } from '../assembly/group-document.ts';
import type { HistoryEntry } from '../ledger/interface.ts';

/** All that `explain` found out, for people and for --json. */
export interface Explanation {
  /** The tag that was asked about: the target's, or a member's. */
  readonly asked: string;
  readonly verdict: Verdict;
  readonly group: GroupDocument;
  /** When other tags were pushed (RFC 3339), where the registry tells. */
  readonly pushedAt: ReadonlyMap<string, string>;
  /** Newest first; undefined where no ledger was found. */
  readonly history: readonly HistoryEntry[] | undefined;
  /** Where none was found: why. */
  readonly missing?: string;
}

/** The group with, for each missing member, the tags that were probably meant to be it. `now` is in milliseconds. */
export function explainedGroup(
  verdict: Verdict,
  near: (platform: string, lookedFor: readonly string[]) => readonly string[],
  now: number,
): GroupDocument {
  const group = groupDocument(verdict, { now });
  return {
    ...group,
    members: group.members.map(member =>
      member.present ? member : { ...member, near: near(member.platform, member.lookedFor ?? []) },
    ),
  };
}
