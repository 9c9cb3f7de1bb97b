import {
  CreateEventBusCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** Makes a queue as the deployment does, FIFO where its name says so, and answers its address. */
export async function makeQueue(sqs: SQSClient, name: string): Promise<string> {
  const Attributes = name.endsWith('.fifo')
    ? { FifoQueue: 'true', DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' }
    : {};
  return (await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }))).QueueUrl!;
}

/** The event that Lambda's mapping of a queue makes of its messages. */
export function recordsOf(messages: readonly Message[]) {
  return {
    Records: messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
      messageId: MessageId,
      receiptHandle: ReceiptHandle,
      body: Body,
      attributes: Attributes,
    })),
  };
}

/** A bus of which all that archweave says goes to a queue; it is made, unless it is the account's own. */
export async function listenToBus(
  bus: EventBridgeClient,
  sqs: SQSClient,
  url: string,
  name = 'told',
): Promise<void> {
  const names = { AttributeNames: ['QueueArn' as const] };
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, ...names }));
  const rule = { Name: 'told', EventBusName: name };
  if (name !== 'default') await bus.send(new CreateEventBusCommand({ Name: name }));
  await bus.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: ['archweave'] }) }));
  const targets = [{ Id: 'queue', Arn: Attributes!.QueueArn! }];
  await bus.send(new PutTargetsCommand({ Rule: 'told', EventBusName: name, Targets: targets }));
}

/** Puts a letter among dead ones, as a function, EventBridge or the queue itself does. */
export async function putLetter(
  sqs: SQSClient,
  url: string,
  letter: {
    readonly body: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly group?: string;
  },
): Promise<void> {
  const { body, attributes, group } = letter;
  const fifo = group === undefined ? {} : { MessageGroupId: group, MessageDeduplicationId: group };
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...fifo, MessageAttributes }));
}
