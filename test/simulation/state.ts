import type { WakeUp } from '../../lib/assembly/wake-up.ts';
import type { Push } from '../../lib/events/push.ts';
import type { Digest } from '../../lib/image/digest.ts';
import type { HistoryEntry, Published, Standing } from '../../lib/ledger/interface.ts';

export interface TagState {
  readonly digest: Digest;
  /** Milliseconds since 1970. */
  readonly pushedAt: number;
}

/** A tagged write on its way. It outlives whoever sent it. */
export interface Flight {
  readonly tag: string;
  readonly digest: Digest;
  readonly speed: number;
  /** `create` writes what a person asks for, whatever was removed before. */
  readonly byPerson: boolean;
  /** The removal that its sender cannot know of: the last look that it rests on was stale, and is from before. */
  readonly unaware?: Removal;
  /** What the registry did with it; undefined while it is on its way. */
  landed?: 'done' | 'immutable-tag' | 'child-gone';
}

export interface Message {
  readonly id: number;
  readonly key: string;
  readonly wakeUp: WakeUp;
  readonly attempts: number;
}

/** What a person took away, and whether it must stay away: not where a write was under way just then. */
export interface Removal {
  readonly order: number;
  readonly required: string;
  readonly strict: boolean;
}

/** Everything in the world but the handlers. Times are milliseconds since 1970. */
export interface State {
  now: number;
  nextId: number;
  readonly tags: Map<string, TagState>;
  readonly stored: Set<Digest>;
  readonly immutable: Set<string>;
  readonly published: Map<string, Published>;
  readonly standings: Map<string, Standing>;
  readonly history: Map<string, readonly HistoryEntry[]>;
  /** Writes whose sender is gone. */
  orphans: Flight[];
  events: Push[];
  queue: Message[];
  dead: Message[];
  /** For the checks: what each tag has ever held, and what a person removed from it. */
  readonly everHeld: Map<string, ReadonlySet<Digest>>;
  readonly removed: Map<string, Removal>;
}

export function emptyState(now: number): State {
  return {
    now,
    nextId: 1,
    tags: new Map(),
    stored: new Set(),
    immutable: new Set(),
    published: new Map(),
    standings: new Map(),
    history: new Map(),
    orphans: [],
    events: [],
    queue: [],
    dead: [],
    everHeld: new Map(),
    removed: new Map(),
  };
}

/** A copy that can be changed on its own; what is in the collections is never changed, so it is shared. */
export function copyOf(state: State): State {
  return {
    ...state,
    tags: new Map(state.tags),
    stored: new Set(state.stored),
    immutable: new Set(state.immutable),
    published: new Map(state.published),
    standings: new Map(state.standings),
    history: new Map(state.history),
    orphans: state.orphans.map(flight => ({ ...flight })),
    events: [...state.events],
    queue: [...state.queue],
    dead: [...state.dead],
    everHeld: new Map(state.everHeld),
    removed: new Map(state.removed),
  };
}
