import type { Announcement } from '../../lib/assembly/announcement.ts';
import type { Push } from '../../lib/events/push.ts';
import { readSweepMessage } from '../../lib/messages/sweep-message.ts';
import { createPasses } from '../../lib/queue/passes.ts';
import { createReceive } from '../../lib/queue/receive.ts';
import { createSweepRuns } from '../../lib/queue/sweep-runs.ts';
import { takeBatch } from '../../lib/queue/take-batch.ts';
import { wakeDue } from '../../lib/queue/wake-due.ts';
import type { AssemblyRegistry } from '../../lib/registry/interfaces.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import type { Rule } from '../../lib/rules/rule.ts';
import { FifoQueue } from './fifo-queue.ts';
import { MarkedMemoryLedger } from './marked-memory-ledger.ts';
import { recordTelemetry } from './telemetry-recorder.ts';

export const DUE_EVERY = 5 * 60_000;

/**
 * What a stack deploys, in memory and with a clock of its own: a registry whose events go to `receive`, the queue,
 * `assemble`, `due` and `sweep`. `breaking` replaces methods of the registry as `assemble` sees it; an event for
 * which `hears` says no is lost.
 */
export function aDeployment(options: {
  readonly host: string;
  readonly rules: readonly Rule[];
  readonly start: number;
  readonly breaking?: (registry: MemoryRegistry) => Partial<AssemblyRegistry>;
  readonly hears?: (push: Push) => boolean;
}) {
  const { host, rules, hears = () => true } = options;
  const clock = { now: options.start };
  const now = () => clock.now;
  const told: Announcement[] = [];
  const pushes: Push[] = [];
  const lost: Push[] = [];
  const tasks: string[] = [];
  const telemetry = recordTelemetry();
  const queue = new FifoQueue(now);
  const ledger = new MarkedMemoryLedger();
  const settings = { remaining: 30_000 };
  const registry = new MemoryRegistry({
    now,
    onEvent: ({ repository, ...event }) => {
      const time = new Date(clock.now).toISOString();
      const push = { registry: host, repository, ...event, time, id: `event-${pushes.length + lost.length}` };
      (hears(push) ? pushes : lost).push(push);
    },
  });
  const seen = seenBy(registry, options.breaking);
  const receive = createReceive({
    parse: push => ({ pushes: [push as Push], ignored: [] }),
    rules,
    queue,
    telemetry,
  });
  const pass = createPasses({
    registryOf: name => (name === host ? seen : undefined),
    ledger,
    rules,
    telemetry,
    announce: async announcement => void told.push(announcement),
    now,
    elapsed: now,
    timeout: () => new AbortController().signal,
  });
  const remaining = () => settings.remaining;
  let heard = 0;
  const hear = async () => {
    while (heard < pushes.length) await receive(pushes[heard++]);
  };

  /** One batch, as Lambda runs it; answers how many messages were in it. */
  const batch = async (): Promise<number> => {
    const messages = queue.take();
    const run = (wakeUps: Parameters<typeof pass>[0], attempt: number) => pass(wakeUps, attempt, remaining);
    queue.settle(messages, await takeBatch(messages, { queue, run, remaining, telemetry }));
    return messages.length;
  };
  /** Events and messages until there are none that could start now. */
  const settle = async (): Promise<void> => {
    for (;;) {
      await hear();
      if ((await batch()) === 0 && heard === pushes.length) return;
    }
  };
  /** The same, and waits for what rests. */
  const drain = async (): Promise<void> => {
    await settle();
    for (let next = queue.nextVisible(); next !== undefined; next = queue.nextVisible()) {
      clock.now = next;
      await settle();
    }
  };

  return {
    clock,
    registry,
    ledger,
    queue,
    telemetry,
    told,
    lost,
    settings,
    tasks,
    /** Takes the events that are there. */
    hear,
    batch,
    settle,
    drain,
    due: () => wakeDue({ ledger, rules, queue, telemetry, now, every: DUE_EVERY }),
    /** A whole sweep; the tasks' messages are still to be worked on. */
    async sweep(): Promise<void> {
      const run = createSweepRuns({
        readerOf: name => (name === host ? registry : undefined),
        rules,
        queue,
        marks: ledger,
        send: async bodies => void tasks.push(...bodies),
        telemetry,
        now,
      });
      await run({ registry: host, began: new Date(clock.now).toISOString(), first: [] }, remaining);
      for (let task = tasks.shift(); task !== undefined; task = tasks.shift())
        await run(readSweepMessage(task), remaining);
    },
  };
}

/** The registry with some methods replaced, the others bound to it. */
function seenBy(
  registry: MemoryRegistry,
  breaking: ((registry: MemoryRegistry) => Partial<AssemblyRegistry>) | undefined,
): AssemblyRegistry {
  return {
    readManifests: registry.readManifests.bind(registry),
    resolveReferences: registry.resolveReferences.bind(registry),
    readBlobs: registry.readBlobs.bind(registry),
    statBlob: registry.statBlob.bind(registry),
    openBlob: registry.openBlob.bind(registry),
    listTags: registry.listTags.bind(registry),
    immutableTags: registry.immutableTags.bind(registry),
    writeManifest: registry.writeManifest.bind(registry),
    ...breaking?.(registry),
  };
}
