/**
 * The table: what a deployment has to make, in one place with the code that uses it.
 *
 * `pk` is a repository, `sk` says what is stored of it: `p#TAG` what was published, `s#TAG` where a target stands,
 * `h#TAG#NN` one of 50 places for its history, which are written round and round.
 * `i#TAG` is what an import copied there.
 * An item of a registry, `swept`, has the rules under which it was swept.
 * The index is sparse: only what has `dueShard` and `dueAt` is in it, standings that fall due and publications. Names are chosen so that
 * none is a reserved word of DynamoDB's.
 */
export const TABLE = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Seconds since 1970; DynamoDB removes what is past it. */
  timeToLive: 'ttl',
  index: { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt' },
} as const;

/** The index is spread over so many partitions; a reader asks each. */
export const SHARDS = 10;

/** How long an entry of a target's history is kept, in milliseconds. */
export const HISTORY_LIFE = 180 * 86_400_000;
