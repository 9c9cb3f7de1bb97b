import type { WakeUp } from '../assembly/wake-up.ts';
import { WRITE_TIME } from '../assembly/world.ts';
import { isArchweaveError } from '../errors.ts';
import { readWakeUpMessage } from '../messages/wake-up-message.ts';
import { failureFacts, type Telemetry } from './telemetry.ts';
import type { Burial, TakenMessage, WorkQueue } from './work-queue.ts';

/** How long a group that failed rests, in seconds, by how often it has failed before; the last one again and again. */
export const BACK_OFF: readonly number[] = [5, 15, 45, 120, 300];
/** A message that has failed so often is given up. The queue's own limit is the same, for functions that crash. */
export const MAX_RECEIVES = 8;

/** A pass that begins with less time than this, in milliseconds, could hardly come to its write. */
const WORTH_BEGINNING = WRITE_TIME + 3_000;

export interface TakeOptions {
  readonly queue: Pick<WorkQueue, 'postpone' | 'bury'>;
  /** One pass over the wake-ups of a group, oldest first. `attempt` counts from 0. Rejects what has to come again. */
  readonly run: (wakeUps: readonly WakeUp[], attempt: number) => Promise<void>;
  /** Milliseconds that this run may still take. */
  readonly remaining: () => number;
  readonly telemetry: Telemetry;
  /** How many groups are worked on side by side. */
  readonly concurrency?: number;
}

/**
 * Works on a batch of messages: a group after itself, different groups side by side, and one pass for all messages
 * of a group, because what is done follows from what the registry holds, not from a message.
 *
 * Answers the ids of those that have to come again. Their group comes back after a rest that grows; what cannot work
 * later either, and what has failed too often, goes to the dead letters with its reason. Never rejects.
 */
export async function takeBatch(
  messages: readonly TakenMessage[],
  options: TakeOptions,
): Promise<readonly string[]> {
  const groups = [...Map.groupBy(messages, ({ group }) => group).values()].values();
  const failed: string[] = [];
  const worker = async () => {
    for (const group of groups) failed.push(...(await takeGroup(group, options)));
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 5 }, worker));
  return failed;
}

async function takeGroup(group: readonly TakenMessage[], options: TakeOptions): Promise<readonly string[]> {
  const { run, remaining, telemetry } = options;
  const { read, unread } = readAll(group);
  const failed: string[] = [];
  for (const { message, why } of unread) failed.push(...(await bury([message], why, options)));
  if (read.length === 0) return failed;
  const taken = read.map(({ message }) => message);
  if (remaining() < WORTH_BEGINNING) return [...failed, ...(await postpone(taken, 0, options))];

  const attempt = Math.min(...taken.map(({ receives }) => receives)) - 1;
  try {
    await run(
      read.map(({ wakeUp }) => wakeUp),
      attempt,
    );
    return failed;
  } catch (error) {
    const { registry, repository, rule } = read[0]!.wakeUp;
    const facts = { registry, repository, rule, messages: taken.length, attempt, ...failureFacts(error) };
    const hopeless = isArchweaveError(error) && !error.retryable && error.code !== 'interrupted';
    const lost = taken.filter(({ receives }) => hopeless || receives >= MAX_RECEIVES);
    const kept = taken.filter(message => !lost.includes(message));
    if (lost.length > 0) {
      telemetry.log('error', 'buried', facts);
      failed.push(...(await bury(lost, reasonOf(error), options)));
    } else telemetry.log('warn', 'failed', facts);
    if (kept.length > 0) failed.push(...(await postpone(kept, restOf(error, attempt), options)));
    return failed;
  }
}

function readAll(group: readonly TakenMessage[]) {
  const read: { readonly message: TakenMessage; readonly wakeUp: WakeUp }[] = [];
  const unread: { readonly message: TakenMessage; readonly why: Burial }[] = [];
  for (const message of group) {
    try {
      read.push({ message, wakeUp: readWakeUpMessage(message.body) });
    } catch (error) {
      unread.push({ message, why: reasonOf(error) });
    }
  }
  return { read, unread };
}

/** As long as the registry asked, but no less than the step and no more than SQS allows. */
function restOf(error: unknown, attempt: number): number {
  const step = BACK_OFF[Math.min(attempt, BACK_OFF.length - 1)] ?? 0;
  const wish = isArchweaveError(error) ? (error.retryAfter ?? 0) : 0;
  return Math.min(Math.max(step, Math.ceil(wish)), 3_600);
}

function reasonOf(error: unknown): Burial {
  const { code, error: message } = failureFacts(error);
  return { code: String(code), message: String(message) };
}

/** Those that could not be buried: they come again. */
async function bury(
  messages: readonly TakenMessage[],
  why: Burial,
  { queue, telemetry }: TakeOptions,
): Promise<readonly string[]> {
  try {
    await queue.bury(messages, why);
    return [];
  } catch (error) {
    telemetry.log('error', 'not buried', { ...failureFacts(error), reason: why.code });
    return messages.map(({ id }) => id);
  }
}

/** Where it cannot be hidden for less, the message comes back when the queue's own time is over. */
async function postpone(
  messages: readonly TakenMessage[],
  seconds: number,
  { queue, telemetry }: TakeOptions,
): Promise<readonly string[]> {
  try {
    await queue.postpone(messages, seconds);
  } catch (error) {
    telemetry.log('warn', 'not postponed', { ...failureFacts(error), seconds });
  }
  return messages.map(({ id }) => id);
}
