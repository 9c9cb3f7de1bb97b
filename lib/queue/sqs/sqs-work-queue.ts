import {
  ChangeMessageVisibilityBatchCommand,
  type MessageAttributeValue,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ArchweaveError } from '../../errors.ts';
import type { WakeUpMessage } from '../../messages/wake-up-message.ts';
import type { Burial, TakenMessage, WorkQueue } from '../work-queue.ts';

export interface SqsQueues {
  /** URL of the FIFO queue. */
  readonly work: string;
  /** URL of its dead letters, FIFO too. */
  readonly dead?: string;
}

/** How many messages go into one call. */
const BATCH = 10;
/** Attributes hold 1 MiB with the body; a reason needs no more than a few sentences. */
const LONGEST_REASON = 1_000;

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageGroupId: string;
  readonly MessageDeduplicationId: string;
  readonly MessageAttributes?: Record<string, MessageAttributeValue>;
}

/**
 * The work queue in SQS. What SQS does not take of a batch is sent once more where the fault is its own; then it is
 * an error. Sending again is safe: the deduplication id is the event's.
 */
export class SqsWorkQueue implements WorkQueue {
  readonly #client: SQSClient;
  readonly #queues: SqsQueues;

  constructor(client: SQSClient, queues: SqsQueues) {
    this.#client = client;
    this.#queues = queues;
  }

  async send(messages: readonly WakeUpMessage[]): Promise<void> {
    const entries = messages.map(({ body, group, deduplication }, at) => ({
      Id: String(at),
      MessageBody: body,
      MessageGroupId: group,
      MessageDeduplicationId: deduplication,
    }));
    await this.#sendAll(this.#queues.work, entries, 'send a wake-up to the queue');
  }

  async postpone(messages: readonly TakenMessage[], seconds: number): Promise<void> {
    for (const batch of batches(messages)) {
      const Entries = batch.map(({ receipt }, at) => ({
        Id: String(at),
        ReceiptHandle: receipt,
        VisibilityTimeout: seconds,
      }));
      const input = { QueueUrl: this.#queues.work, Entries };
      const { Failed = [] } = await this.#client.send(new ChangeMessageVisibilityBatchCommand(input));
      if (Failed.length > 0) throw refused('postpone a message', Failed[0]?.Code);
    }
  }

  async bury(messages: readonly TakenMessage[], { code, message }: Burial): Promise<void> {
    const { dead } = this.#queues;
    if (dead === undefined)
      throw new ArchweaveError({
        code: 'bad-config',
        attempt: 'bury a message',
        reason: 'no dead letters are named',
      });
    const entries = messages.map(({ id, body, group, receives }, at) => ({
      Id: String(at),
      MessageBody: body,
      MessageGroupId: group,
      // The event's own id would make the same event, redriven and failed again, vanish here.
      MessageDeduplicationId: id,
      MessageAttributes: { code: text(code), reason: text(message), receives: text(String(receives)) },
    }));
    await this.#sendAll(dead, entries, 'bury a message');
  }

  async #sendAll(url: string, entries: readonly Entry[], attempt: string): Promise<void> {
    for (const batch of batches(entries)) {
      const refusals = await this.#sendBatch(url, batch);
      const again = batch.filter(({ Id }) =>
        refusals.some(({ id, fault }) => id === Id && fault === 'theirs'),
      );
      const left =
        again.length === refusals.length && again.length > 0 ? await this.#sendBatch(url, again) : refusals;
      if (left.length > 0) throw refused(attempt, left[0]?.code);
    }
  }

  async #sendBatch(url: string, entries: readonly Entry[]) {
    const input = { QueueUrl: url, Entries: [...entries] };
    const { Failed = [] } = await this.#client.send(new SendMessageBatchCommand(input));
    return Failed.map(({ Id, Code, SenderFault }) => ({
      id: Id,
      code: Code,
      fault: SenderFault ? 'ours' : 'theirs',
    }));
  }
}

function batches<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) =>
    all.slice(at * BATCH, (at + 1) * BATCH),
  );
}

/** SQS takes no control characters in attributes. */
function text(value: string): MessageAttributeValue {
  const plain = value.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, LONGEST_REASON);
  return { DataType: 'String', StringValue: plain === '' ? '-' : plain };
}

function refused(attempt: string, code = 'without a code'): ArchweaveError {
  const reason = `SQS refuses it (${code})`;
  return new ArchweaveError({ code: 'unreachable', attempt, reason, retryable: true });
}
