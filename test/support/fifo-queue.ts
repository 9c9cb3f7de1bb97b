import type { WakeUpMessage } from '../../lib/messages/wake-up-message.ts';
import type { Burial, TakenMessage, WorkQueue } from '../../lib/queue/work-queue.ts';
import { MinHeap } from './min-heap.ts';

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
  /** Everything that was ever sent, where that is kept. */
  readonly sent: WakeUpMessage[] = [];
  readonly #now: () => number;
  readonly #keepsSent: boolean;
  readonly #groups = new Map<string, Waiting[]>();
  /** Groups to look at, in the order in which they came to be ready; some may be hidden again. */
  readonly #ready = new Set<string>();
  readonly #hidden = new MinHeap<{ readonly group: string; readonly at: number }>((a, b) => a.at < b.at);
  readonly #known = new Map<string, number>();
  #count = 0;
  #size = 0;

  constructor(now: () => number, { keepsSent = true } = {}) {
    this.#now = now;
    this.#keepsSent = keepsSent;
  }

  get size(): number {
    return this.#size;
  }

  async send(messages: readonly WakeUpMessage[]): Promise<void> {
    for (const message of messages) {
      if (this.#isKnown(message)) continue;
      if (this.#keepsSent) this.sent.push(message);
      this.#count += 1;
      this.#size += 1;
      const waiting = { ...message, id: `m${this.#count}`, receives: 0, visibleAt: 0 };
      const others = this.#groups.get(message.group);
      if (others === undefined) this.#groups.set(message.group, [waiting]);
      else others.push(waiting);
      this.#ready.add(message.group);
    }
  }

  /** Up to ten messages that are visible; none of a group of which one is hidden. */
  take(most = 10): readonly TakenMessage[] {
    const now = this.#now();
    this.#showAgain();
    const batch: Waiting[] = [];
    for (const group of this.#ready) {
      if (batch.length >= most) break;
      this.#ready.delete(group);
      const waiting = this.#groups.get(group) ?? [];
      if (waiting.some(({ visibleAt }) => visibleAt > now)) continue;
      const room = most - batch.length;
      batch.push(...waiting.slice(0, room));
    }
    for (const message of batch) {
      message.receives += 1;
      this.#hide(message, now + VISIBILITY);
    }
    return batch.map(({ id, body, group, receives }) => {
      return { id, body, group, receives, receipt: `${id}/${receives}` };
    });
  }

  async postpone(messages: readonly TakenMessage[], seconds: number): Promise<void> {
    for (const { id, group } of messages) {
      const message = this.#groups.get(group)?.find(waiting => waiting.id === id);
      if (message !== undefined) this.#hide(message, this.#now() + seconds * 1000);
    }
  }

  async bury(messages: readonly TakenMessage[], why: Burial): Promise<void> {
    this.dead.push(...messages.map(({ body, group }) => ({ body, group, ...why })));
  }

  /** What Lambda does after a batch: the messages that did not fail are gone. */
  settle(batch: readonly TakenMessage[], failed: readonly string[]): void {
    for (const { id, group } of batch) {
      if (failed.includes(id)) continue;
      const waiting = this.#groups.get(group) ?? [];
      const at = waiting.findIndex(message => message.id === id);
      if (at < 0) continue;
      waiting.splice(at, 1);
      this.#size -= 1;
      if (waiting.length === 0) this.#groups.delete(group);
      else this.#ready.add(group);
    }
  }

  /** When the next hidden message comes back. */
  nextVisible(): number | undefined {
    this.#showAgain();
    return this.#hidden.least?.at;
  }

  #isKnown({ group, deduplication }: WakeUpMessage): boolean {
    const now = this.#now();
    for (const [name, at] of this.#known) {
      if (now - at < DEDUPLICATION) break;
      this.#known.delete(name);
    }
    const name = JSON.stringify([group, deduplication]);
    if (this.#known.has(name)) return true;
    this.#known.set(name, now);
    return false;
  }

  #hide(message: Waiting, at: number): void {
    message.visibleAt = at;
    this.#hidden.push({ group: message.group, at });
    if (at <= this.#now()) this.#ready.add(message.group);
  }

  /** Groups whose time has come are ready again, and times that were changed since are forgotten. */
  #showAgain(): void {
    for (let next = this.#hidden.least; next !== undefined; next = this.#hidden.least) {
      const { group, at } = next;
      const isTrue = this.#groups.get(group)?.some(({ visibleAt }) => visibleAt === at) ?? false;
      if (isTrue && at > this.#now()) return;
      this.#hidden.pop();
      if (isTrue) this.#ready.add(group);
    }
  }
}
