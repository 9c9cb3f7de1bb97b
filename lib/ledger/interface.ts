import type { Digest } from '../image/digest.ts';
import type { Build } from '../rules/build.ts';
import type { Captures } from '../rules/template.ts';

/** One tag of one repository of one registry. */
export interface TargetRef {
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
}

/**
 * The one thing remembered for correctness, per target: what was written there and acknowledged, or seen there.
 * `digest` is absent in a baseline: a group that was complete before archweave came and is left alone.
 */
export interface Published {
  readonly build: Build;
  /** Digests of the required members' images, sorted. */
  readonly required: readonly Digest[];
  readonly digest?: Digest;
  /** RFC 3339. */
  readonly at: string;
}

/** Where a target stands since when; kept for people, deadlines and events, never for correctness. */
export interface Standing {
  readonly target: TargetRef;
  readonly rule: string;
  readonly captures: Captures;
  readonly state: 'published' | 'unchanged' | 'waiting' | 'held' | 'ignored';
  /** First reason's code. */
  readonly reason?: string;
  /** RFC 3339: when this state with this reason began. */
  readonly since: string;
  /** RFC 3339: when something must be looked at again although no event will come. */
  readonly dueAt?: string;
  /** RFC 3339: when it becomes, or became, overdue. */
  readonly overdueAt?: string;
  /** How often its being overdue was reported. */
  readonly reported?: number;
}

export interface HistoryEntry {
  /** RFC 3339. */
  readonly at: string;
  readonly event: string;
  readonly digest?: Digest;
}

export interface PublishedStore {
  published(target: TargetRef): Promise<Published | undefined>;
  /**
   * Stores `next` unless `keeps(stored)` says that what is stored must stay; atomic for one target.
   * Answers what is stored afterwards.
   */
  remember(target: TargetRef, next: Published, keeps: (stored: Published) => boolean): Promise<Published>;
  forget(target: TargetRef): Promise<void>;
}

export interface StandingStore {
  standing(target: TargetRef): Promise<Standing | undefined>;
  /** Stores where the target stands; `entry`, where given, is added to its history. */
  record(standing: Standing, entry?: HistoryEntry): Promise<void>;
  /** Newest first. */
  history(target: TargetRef, limit: number): Promise<readonly HistoryEntry[]>;
  /** All standings of a registry, or of one repository, for the page and for lists. */
  standings(scope?: {
    readonly registry?: string;
    readonly repository?: string;
  }): Promise<readonly Standing[]>;
  /** Those whose `dueAt` or unreported `overdueAt` is at or before `now` (RFC 3339), oldest first. */
  due(now: string, limit: number): Promise<readonly Standing[]>;
}

export type Ledger = PublishedStore & StandingStore;
