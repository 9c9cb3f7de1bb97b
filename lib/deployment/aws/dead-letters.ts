import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { LetterBox, RawLetter } from '../dead-letter.ts';
import type { Letters } from '../redrive.ts';
import { awsError } from './aws-error.ts';

/** Seconds for which a letter that was looked at is hidden: one look through the queue should be over by then. */
const HIDDEN = 120;
/** Seconds to wait for letters: with none, SQS asks some of its machines only and may find nothing. */
const WAIT = 1;
const BATCH = 10;

/** The dead letters in one queue of SQS. */
export function deadLetters(sqs: SQSClient, box: LetterBox, QueueUrl: string, region: string): Letters {
  const guard = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw awsError(error, {
        attempt: `look through the dead letters (${box})`,
        action: `sqs:${action}`,
        region,
      });
    }
  };
  return {
    box,
    receive: () =>
      guard('ReceiveMessage', async () => {
        const input = {
          ...{ QueueUrl, MaxNumberOfMessages: BATCH, VisibilityTimeout: HIDDEN, WaitTimeSeconds: WAIT },
          MessageSystemAttributeNames: ['All' as const],
          MessageAttributeNames: ['All'],
        };
        return ((await sqs.send(new ReceiveMessageCommand(input))).Messages ?? []).map(rawLetter);
      }),
    remove: ({ receipt }) =>
      guard('DeleteMessage', async () => {
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: receipt }));
      }),
    release: letters =>
      guard('ChangeMessageVisibility', async () => {
        for (let at = 0; at < letters.length; at += BATCH) {
          const Entries = letters.slice(at, at + BATCH).map(({ receipt }, index) => ({
            ...{ Id: String(index), ReceiptHandle: receipt, VisibilityTimeout: 0 },
          }));
          await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
        }
      }),
    count: () =>
      guard('GetQueueAttributes', async () => {
        const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
        const input = { QueueUrl, AttributeNames: [...names] };
        const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(input));
        return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
      }),
  };
}

function rawLetter(message: Message): RawLetter {
  const { MessageId = '', ReceiptHandle = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const { MessageGroupId: group, DeadLetterQueueSourceArn: source, SentTimestamp = '0' } = Attributes;
  return {
    id: MessageId,
    receipt: ReceiptHandle,
    body: Body,
    ...(group !== undefined && { group }),
    ...(source !== undefined && { source }),
    sent: Number(SentTimestamp),
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
  };
}
