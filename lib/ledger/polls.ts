import type { TagWindow } from '../events/recent-pushes.ts';

/** What polling remembers between two looks. Whatever is lost here is found by a sweep. */
export interface PollStore {
  /**
   * Since when a registry is polled under these rules, RFC 3339: `now` where it never was, or was without one of them,
   * which is stored then.
   */
  polledSince(registry: string, rules: readonly string[], now: string): Promise<string>;
  /** What was seen last, by repository. */
  windows(registry: string): Promise<ReadonlyMap<string, TagWindow>>;
  setWindow(registry: string, repository: string, window: TagWindow): Promise<void>;
}
