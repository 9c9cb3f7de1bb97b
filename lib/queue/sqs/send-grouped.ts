import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ArchweaveError } from '../../errors.ts';
import type { GroupedMessage } from '../import-intake.ts';

const BATCH = 10;

/** Sends messages to a standard queue that is fair between their groups. Sending one twice has to be harmless. */
export function sendGrouped(client: SQSClient, QueueUrl: string) {
  return async (messages: readonly GroupedMessage[]): Promise<void> => {
    for (let from = 0; from < messages.length; from += BATCH) {
      const Entries = messages.slice(from, from + BATCH).map(({ body, group }, at) => ({
        Id: String(at),
        MessageBody: body,
        MessageGroupId: group,
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      if (Failed.length === 0) continue;
      const reason = `SQS refuses it (${Failed[0]?.Code ?? 'without a code'})`;
      throw new ArchweaveError({
        code: 'unreachable',
        attempt: 'send an image to the imports',
        reason,
        retryable: true,
      });
    }
  };
}
