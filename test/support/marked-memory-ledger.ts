import type { Published, TargetRef } from '../../lib/ledger/interface.ts';
import type { MarkStore, PublishedList } from '../../lib/ledger/marks.ts';
import { MemoryLedger } from '../../lib/ledger/memory.ts';
import { targetKey } from '../../lib/ledger/target-key.ts';

/** A ledger in memory that has what a deployment needs beside: marks, and publications by their time. */
export class MarkedMemoryLedger extends MemoryLedger implements MarkStore, PublishedList {
  readonly #marks = new Map<string, { readonly target: TargetRef; readonly mark: string }>();
  readonly #swept = new Map<string, ReadonlySet<string>>();
  readonly #times = new Map<string, { readonly target: TargetRef; readonly at: number }>();

  override async remember(target: TargetRef, next: Published, keeps: (stored: Published) => boolean) {
    const stored = await super.remember(target, next, keeps);
    this.#times.set(targetKey(target), { target, at: Date.parse(stored.at) });
    return stored;
  }

  async publishedBetween(from: number, to: number): Promise<readonly TargetRef[]> {
    return [...this.#times.values()].filter(({ at }) => at >= from && at <= to).map(({ target }) => target);
  }

  async mark(target: TargetRef, mark: string): Promise<void> {
    this.#marks.set(targetKey(target), { target, mark });
  }

  async marks(registry: string, repository: string): Promise<ReadonlyMap<string, string>> {
    const ours = [...this.#marks.values()].filter(
      ({ target }) => target.registry === registry && target.repository === repository,
    );
    return new Map(ours.map(({ target, mark }) => [target.tag, mark]));
  }

  async sweptRules(registry: string): Promise<ReadonlySet<string>> {
    return this.#swept.get(registry) ?? new Set();
  }

  async setSwept(registry: string, rules: readonly string[]): Promise<void> {
    this.#swept.set(registry, new Set([...(await this.sweptRules(registry)), ...rules]));
  }
}
