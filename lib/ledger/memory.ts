import { compareTargets } from './compare-targets.ts';
import { dueTime, HISTORY_KEPT } from './due-time.ts';
import type { HistoryEntry, Ledger, Published, Standing, TargetRef } from './interface.ts';
import { targetKey } from './target-key.ts';

/** A ledger that lives as long as its process: for tests, and for commands that have nothing to remember. */
export class MemoryLedger implements Ledger {
  readonly #published = new Map<string, Published>();
  readonly #standings = new Map<string, Standing>();
  readonly #history = new Map<string, readonly HistoryEntry[]>();

  async published(target: TargetRef): Promise<Published | undefined> {
    return this.#published.get(targetKey(target));
  }

  async remember(
    target: TargetRef,
    next: Published,
    keeps: (stored: Published) => boolean,
  ): Promise<Published> {
    const key = targetKey(target);
    const stored = this.#published.get(key);
    if (stored !== undefined && keeps(stored)) return stored;
    const copy = structuredClone(next);
    this.#published.set(key, copy);
    return copy;
  }

  async forget(target: TargetRef): Promise<void> {
    this.#published.delete(targetKey(target));
  }

  async standing(target: TargetRef): Promise<Standing | undefined> {
    return this.#standings.get(targetKey(target));
  }

  async record(standing: Standing, entry?: HistoryEntry): Promise<void> {
    const key = targetKey(standing.target);
    this.#standings.set(key, structuredClone(standing));
    if (entry === undefined) return;
    const before = this.#history.get(key) ?? [];
    this.#history.set(key, [structuredClone(entry), ...before].slice(0, HISTORY_KEPT));
  }

  async history(target: TargetRef, limit: number): Promise<readonly HistoryEntry[]> {
    return (this.#history.get(targetKey(target)) ?? []).slice(0, Math.max(0, limit));
  }

  async standings(
    scope: { readonly registry?: string; readonly repository?: string } = {},
  ): Promise<readonly Standing[]> {
    return [...this.#standings.entries()]
      .filter(([, { target }]) => scope.registry === undefined || scope.registry === target.registry)
      .filter(([, { target }]) => scope.repository === undefined || scope.repository === target.repository)
      .sort(([, a], [, b]) => compareTargets(a.target, b.target))
      .map(([, standing]) => standing);
  }

  async due(now: string, limit: number): Promise<readonly Standing[]> {
    const until = Date.parse(now);
    return [...this.#standings.values()]
      .map(standing => ({ standing, at: dueTime(standing) }))
      .filter((one): one is { standing: Standing; at: number } => one.at !== undefined && one.at <= until)
      .sort((a, b) => a.at - b.at)
      .slice(0, Math.max(0, limit))
      .map(({ standing }) => standing);
  }
}
