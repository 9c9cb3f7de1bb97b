import { parseEcr } from '../../lib/events/parse-ecr.ts';
import { createPasses } from '../../lib/queue/passes.ts';
import { createReceive } from '../../lib/queue/receive.ts';
import { takeBatch } from '../../lib/queue/take-batch.ts';
import type { Metric, Telemetry } from '../../lib/queue/telemetry.ts';
import { writeBudget } from '../../lib/queue/write-budget.ts';
import { createWritePace } from '../../lib/queue/write-pace.ts';
import { MemoryRegistry } from '../../lib/registry/memory.ts';
import { aRule } from '../unit/assembly/a-world.ts';
import { EcrQuotas } from './ecr-quotas.ts';
import { FifoQueue } from './fifo-queue.ts';
import { pushGroups, wrongTargets } from './load-members.ts';
import { loadedRegistry } from './loaded-registry.ts';
import { MarkedMemoryLedger } from './marked-memory-ledger.ts';
import { VirtualTime } from './virtual-time.ts';

const START = Date.parse('2026-11-22T02:00:00Z');
const [ACCOUNT, REGION] = ['123456789012', 'eu-west-1'];
const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
/** Milliseconds between two events of the backlog, and until the event of a push arrives. */
const BETWEEN_EVENTS = 5;
const EVENT_TAKES = 900;
/** Milliseconds that Lambda needs to begin a run, waits where there is nothing to do, and lets a run take. */
const RUN_BEGINS = 15;
const POLL = 200;
const RUN_LIMIT = 30_000;

export interface Load {
  readonly groups: number;
  readonly writesPerSecond: number;
  /** PutImage of everybody else, a second. */
  readonly others: number;
  /** False: only the runs and groups at once keep to the budget. */
  readonly paced?: boolean;
}

/** What came of it; times are milliseconds of simulated time since the start. */
export interface Drained {
  readonly took: number;
  readonly events: number;
  readonly passes: number;
  /** When each of our writes was taken. */
  readonly writes: readonly number[];
  readonly metrics: ReadonlyMap<Metric, number>;
  readonly othersThrottled: number;
  readonly longestRun: number;
  readonly deadLetters: number;
  /** Targets that do not hold the index of their members. */
  readonly wrong: readonly string[];
  /** Bytes, over what the process had before: other tests ran in it. */
  readonly heapGrowth: number;
}

/**
 * A night's pushes after a pause: both images of each group are there, and all their events come within minutes. The
 * code of the functions works them off, put together as they put it together, against ECR's quotas, in simulated time.
 */
export async function drainLoad({ groups, writesPerSecond, others, paced = true }: Load): Promise<Drained> {
  const { now, sleep, run } = new VirtualTime(START);
  const quotas = new EcrQuotas(now);
  const { metrics, telemetry } = counted();
  const rules = [aRule({ repositories: [{ registry: HOST, pattern: '*', exclude: false }] })];
  const queue = new FifoQueue(now, { keepsSent: false });
  const receive = createReceive({ parse: parseEcr, rules, queue, telemetry });
  const seen = { took: 0, events: 0, passes: 0, othersThrottled: 0, longestRun: 0, heapGrowth: 0 };
  const heapBefore = process.memoryUsage().heapUsed;
  const writes: number[] = [];
  let onTheirWay = 0;
  const isBusy = () => onTheirWay + queue.size > 0;
  const announce = async (pushed: Pushed, after: number) => {
    const event = eventOf(pushed, `event-${seen.events++}`, now());
    onTheirWay += 1;
    await sleep(after);
    await receive(event).finally(() => {
      onTheirWay -= 1;
    });
  };

  const registry = new MemoryRegistry({ now });
  const all = await pushGroups(registry, groups);
  const pushes = all.flatMap(({ repository, members }) => members.map(member => ({ repository, ...member })));
  for (const [at, { repository, tag, manifest }] of pushes.entries())
    void announce({ repository, tag, digest: manifest.digest }, at * BETWEEN_EVENTS);

  const ecr = loadedRegistry(registry, {
    sleep,
    quotas,
    host: HOST,
    wrote: (repository, tag, { digest }) => {
      writes.push(now() - START);
      void announce({ repository, tag, digest }, EVENT_TAKES);
      if (writes.length % 500 === 0)
        seen.heapGrowth = Math.max(seen.heapGrowth, process.memoryUsage().heapUsed - heapBefore);
    },
  });
  const budget = writeBudget(writesPerSecond);
  const ledger = new MarkedMemoryLedger();

  /** One of the runs that Lambda has at once: a process of its own, with one batch after the other. */
  const assembleRuns = async () => {
    const pass = createPasses({
      ledger,
      rules,
      telemetry,
      now,
      registryOf: host => (host === HOST ? ecr : undefined),
      announce: async () => {},
      elapsed: now,
      timeout: () => new AbortController().signal,
      ...(paced && { writeTurn: createWritePace({ every: budget.every, elapsed: now, wait: sleep }) }),
    });
    while (isBusy()) {
      const messages = queue.take();
      await sleep(messages.length > 0 ? RUN_BEGINS : POLL);
      if (messages.length === 0) continue;
      const began = now();
      const remaining = () => RUN_LIMIT - (now() - began);
      const failed = await takeBatch(messages, {
        queue,
        remaining,
        telemetry,
        concurrency: budget.groups,
        run: (wakeUps, attempt) => {
          seen.passes += 1;
          return pass(wakeUps, attempt, remaining);
        },
      });
      queue.settle(messages, failed);
      seen.longestRun = Math.max(seen.longestRun, now() - began);
      seen.took = now() - START;
    }
  };
  const everybodyElse = async () => {
    while (isBusy()) {
      await sleep(1000 / others);
      if (!quotas.takes('PutImage')) seen.othersThrottled += 1;
    }
  };
  const ends = Promise.all([everybodyElse(), ...Array.from({ length: budget.runs }, assembleRuns)]);
  await run();
  await ends;
  const wrong = await wrongTargets(registry, all);
  return { ...seen, writes, metrics, deadLetters: queue.dead.length, wrong };
}

function counted() {
  const metrics = new Map<Metric, number>();
  const telemetry: Telemetry = {
    log: () => {},
    measure: (metric, value = 1) => void metrics.set(metric, (metrics.get(metric) ?? 0) + value),
  };
  return { metrics, telemetry };
}

interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** As EventBridge delivers it. */
function eventOf({ repository, tag, digest }: Pushed, id: string, at: number): unknown {
  return {
    version: '0',
    id,
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    account: ACCOUNT,
    region: REGION,
    time: new Date(at).toISOString(),
    resources: [],
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': repository,
      'image-tag': tag,
      'image-digest': digest,
    },
  };
}
