import type { RecentTagLister, TagEntry } from '../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';

/**
 * A registry in memory that lists its newest tags. Whether a tag that moves gets a new time is a matter of the
 * registry; `renews: false` is one where it does not.
 */
export class RecentMemoryRegistry extends MemoryRegistry implements RecentTagLister {
  readonly #first = new Map<string, string>();
  readonly #renews: boolean;
  /** What was asked, `REPOSITORY LIMIT`. */
  readonly asked: string[] = [];

  constructor({
    renews = true,
    now = Date.now,
  }: { readonly renews?: boolean; readonly now?: () => number } = {}) {
    super({ now });
    this.#renews = renews;
  }

  override async *listTags(...call: Parameters<MemoryRegistry['listTags']>) {
    for await (const page of super.listTags(...call)) yield page.map(entry => this.#timed(call[0], entry));
  }

  async newestTags(repository: string, limit: number): Promise<readonly TagEntry[]> {
    this.asked.push(`${repository} ${limit}`);
    const tags: TagEntry[] = [];
    for await (const page of this.listTags(repository)) tags.push(...page);
    return tags.toSorted((a, b) => ((a.pushedAt ?? '') < (b.pushedAt ?? '') ? 1 : -1)).slice(0, limit);
  }

  #timed(repository: string, entry: TagEntry): TagEntry {
    if (this.#renews || entry.pushedAt === undefined) return entry;
    const name = `${repository}:${entry.tag}`;
    const pushedAt = this.#first.get(name) ?? entry.pushedAt;
    this.#first.set(name, pushedAt);
    return { ...entry, pushedAt };
  }
}
