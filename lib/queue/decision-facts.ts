import type { GroupDocument } from '../assembly/group-document.ts';
import type { Outcome } from '../assembly/report.ts';
import type { Facts } from './telemetry.ts';

/** What a pass cost; requests to the registry, and milliseconds. */
export interface PassWork {
  readonly reads: number;
  readonly writes: number;
  readonly ms: number;
}

/** The one line of a decision: these keys, always all of them, so that saved queries can rely on them. */
export function decisionFacts(outcome: Outcome, { reads, writes, ms }: PassWork): Facts {
  const { target, state, reasons, group, cause, digest, previous } = outcome;
  return {
    decision: state,
    reason: reasons[0]?.code ?? null,
    registry: target.registry,
    repository: target.repository,
    group: group.captures,
    target: target.tag,
    digest: digest ?? null,
    previous: previous ?? null,
    members: membersOf(group),
    cause: { id: cause.id, source: cause.source, time: cause.time },
    reads,
    writes,
    ms,
  };
}

/** Those that are there, one entry an image. */
function membersOf({ members }: GroupDocument) {
  const there = members.filter(({ present }) => present);
  const images = Map.groupBy(there, ({ tag, digest }) => `${tag}@${digest}`);
  return [...images.values()].map(rows => ({
    tag: rows[0]!.tag,
    digest: rows[0]!.digest ?? null,
    platforms: rows.map(({ platform, is }) => is ?? platform),
  }));
}
