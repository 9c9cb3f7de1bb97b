import type { TagWindow } from '../events/recent-pushes.ts';
import type { PollStore } from '../ledger/polls.ts';

/** What polling remembers while a process lives; a process that starts sweeps first. */
export class PollMemory implements PollStore {
  readonly #since = new Map<string, string>();
  readonly #windows = new Map<string, Map<string, TagWindow>>();

  async polledSince(registry: string, _rules: readonly string[], now: string): Promise<string> {
    const since = this.#since.get(registry) ?? now;
    this.#since.set(registry, since);
    return since;
  }

  async windows(registry: string): Promise<ReadonlyMap<string, TagWindow>> {
    return this.#windows.get(registry) ?? new Map();
  }

  async setWindow(registry: string, repository: string, window: TagWindow): Promise<void> {
    const windows = this.#windows.get(registry) ?? new Map<string, TagWindow>();
    this.#windows.set(registry, windows.set(repository, window));
  }
}
