import type { Ledger } from '../ledger/interface.ts';
import type { AssemblyRegistry } from '../registry/interfaces.ts';
import type { Rule } from '../rules/rule.ts';
import type { Announcement } from './announcement.ts';
import type { ConfigCache } from './config-cache.ts';

/** What can be looked at. */
export interface Sights {
  readonly registry: Pick<
    AssemblyRegistry,
    'readManifests' | 'resolveReferences' | 'readBlobs' | 'listTags'
  > &
    Partial<Pick<AssemblyRegistry, 'immutableTags'>>;
  readonly ledger: Pick<Ledger, 'published' | 'standing' | 'history'>;
  readonly rules: readonly Rule[];
  readonly configs: ConfigCache;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/**
 * What a pass works with. Every `await` in this folder is a call on one of these, and nothing else tells the time,
 * so that a simulation can own all of time.
 */
export interface World extends Sights {
  readonly registry: AssemblyRegistry;
  readonly ledger: Ledger;
  /** Tells others; a failure here never undoes a write, so implementations log and swallow their own. */
  readonly announce: (announcement: Announcement) => Promise<void>;
  /** Comes back when this process may write again; a write that had to wait rests on a look so much older. */
  readonly writeTurn?: () => Promise<void>;
  /** How long this run may still take. No write starts with less than `WRITE_TIME` left. */
  readonly remaining?: () => number;
  /** A signal that ends a write before its successor could look; made anew for each write. */
  readonly writeSignal?: () => AbortSignal;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** The life of a write, in milliseconds: a run that has less left must not start one. */
export const WRITE_TIME = 5_000;
