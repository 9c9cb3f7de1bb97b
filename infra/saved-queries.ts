/** A question to the logs of `assemble`, in the language of CloudWatch Logs Insights. */
export interface SavedQuery {
  readonly title: string;
  readonly query: readonly string[];
}

const DECISIONS = 'filter event = "decision"';

/** What people ask the logs; each line of the log is one decision, with the same keys always. */
export const SAVED_QUERIES: readonly SavedQuery[] = [
  {
    title: 'why is it not there',
    query: [
      'fields time, repository, target, decision, reason, digest, cause.source, request',
      DECISIONS,
      '# filter repository = "team/app" and target = "1.0"',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
  {
    title: 'slowest',
    query: [
      'fields time, repository, target, decision, ms, reads, writes, request',
      DECISIONS,
      'sort ms desc',
      'limit 50',
    ],
  },
  {
    title: 'held by reason',
    query: [
      `${DECISIONS} and decision = "held"`,
      'stats count(*) as passes, count_distinct(target) as targets, latest(repository) as last by reason',
      'sort passes desc',
    ],
  },
  {
    title: 'throttled',
    query: [
      'fields time, event, code, error, where, request',
      'filter code = "throttled" or code = "quota-exceeded"',
      'sort @timestamp desc',
      'limit 200',
    ],
  },
  {
    title: 'by team',
    query: [
      DECISIONS,
      'parse repository /^(?<team>[^\\/]+)/',
      'stats count(*) as passes by team, decision',
      'sort passes desc',
    ],
  },
];

/** The trouble of now: targets whose last decision was to hold them or to wait. */
export const TROUBLE_NOW: readonly string[] = [
  DECISIONS,
  'stats latest(decision) as state, latest(reason) as why, latest(time) as since by registry, repository, target',
  'filter state in ["held", "waiting"]',
  'sort state asc, since asc',
  'limit 50',
];
