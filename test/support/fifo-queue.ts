import type { WakeUpMessage } from '../../lib/messages/wake-up-message.ts';
import type { Burial, TakenMessage, WorkQueue } from '../../lib/queue/work-queue.ts';

interface Waiting extends WakeUpMessage {
  readonly id: string;
  receives: number;
  visibleAt: number;
}

const DEDUPLICATION = 5 * 60_000;
const VISIBILITY = 180_000;

/** A FIFO queue as SQS keeps it: exclusive groups, five minutes of deduplication, visibility, dead letters. */
export class FifoQueue implements WorkQueue {
  readonly dead: (Burial & { readonly body: string; readonly group: string })[] = [];
  readonly sent: WakeUpMessage[] = [];
  readonly #now: () => number;
  readonly #waiting: Waiting[] = [];
  readonly #known = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#waiting.length;
  }

  async send(messages: readonly WakeUpMessage[]): Promise<void> {
    for (const message of messages) {
      const name = JSON.stringify([message.group, message.deduplication]);
      const before = this.#known.get(name);
      if (before !== undefined && this.#now() - before < DEDUPLICATION) continue;
      this.#known.set(name, this.#now());
      this.sent.push(message);
      this.#waiting.push({ ...message, id: `m${this.sent.length}`, receives: 0, visibleAt: 0 });
    }
  }

  /** Up to ten messages that are visible; none of a group of which one is hidden. */
  take(most = 10): readonly TakenMessage[] {
    const now = this.#now();
    const busy = new Set(this.#waiting.filter(({ visibleAt }) => visibleAt > now).map(({ group }) => group));
    const batch = this.#waiting.filter(({ group }) => !busy.has(group)).slice(0, most);
    return batch.map(message => {
      message.receives += 1;
      message.visibleAt = now + VISIBILITY;
      const { id, body, group, receives } = message;
      return { id, body, group, receives, receipt: `${id}/${receives}` };
    });
  }

  async postpone(messages: readonly TakenMessage[], seconds: number): Promise<void> {
    for (const { id } of messages) {
      const message = this.#waiting.find(waiting => waiting.id === id);
      if (message !== undefined) message.visibleAt = this.#now() + seconds * 1000;
    }
  }

  async bury(messages: readonly TakenMessage[], why: Burial): Promise<void> {
    this.dead.push(...messages.map(({ body, group }) => ({ body, group, ...why })));
  }

  /** What Lambda does after a batch: the messages that did not fail are gone. */
  settle(batch: readonly TakenMessage[], failed: readonly string[]): void {
    for (const { id } of batch) {
      if (failed.includes(id)) continue;
      const at = this.#waiting.findIndex(waiting => waiting.id === id);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
  }

  /** When the next hidden message comes back. */
  nextVisible(): number | undefined {
    const times = this.#waiting.map(({ visibleAt }) => visibleAt).filter(at => at > this.#now());
    return times.length === 0 ? undefined : Math.min(...times);
  }
}
