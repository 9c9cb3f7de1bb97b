import type { WakeUp } from '../assembly/wake-up.ts';
import { wakeUpMessage } from '../messages/wake-up-message.ts';
import type { Rule } from '../rules/rule.ts';
import type { WorkQueue } from './work-queue.ts';

/** Sends wake-ups to the queue, those of one cause numbered in their order. Throws where one was not taken. */
export async function enqueue(
  queue: Pick<WorkQueue, 'send'>,
  wakeUps: readonly WakeUp[],
  rules: readonly Rule[],
): Promise<void> {
  const counts = new Map<string, number>();
  const messages = wakeUps.map(wakeUp => {
    const index = counts.get(wakeUp.cause.id) ?? 0;
    counts.set(wakeUp.cause.id, index + 1);
    return wakeUpMessage(wakeUp, index, rules);
  });
  if (messages.length > 0) await queue.send(messages);
}
