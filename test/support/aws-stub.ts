import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoFault, DynamoTable } from './dynamo-table.ts';

export interface AwsCall {
  readonly service: 'SQS' | 'DynamoDB' | 'EventBridge';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** A message as it was sent. */
export interface StubMessage {
  readonly id: string;
  readonly body: string;
  readonly group?: string;
}

export interface AwsStub {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Every call so far, in order. */
  readonly calls: AwsCall[];
  /** Takes what was sent to a queue, oldest first. */
  take(queueUrl: string): readonly StubMessage[];
  stop(): Promise<void>;
}

const SERVICES: Readonly<Record<string, AwsCall['service']>> = {
  AmazonSQS: 'SQS',
  DynamoDB_20120810: 'DynamoDB',
  AWSEvents: 'EventBridge',
};

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly MessageGroupId?: string;
}

/**
 * SQS, DynamoDB and EventBridge as far as the functions of a deployment use them, in memory, writing down each call.
 * What it does not know fails. Throttling, visibility and deduplication are not in it: it is for counting.
 */
export async function startAwsStub(): Promise<AwsStub> {
  const calls: AwsCall[] = [];
  const table = new DynamoTable();
  const queues = new Map<string, StubMessage[]>();
  let sent = 0;

  const answer = ({ service, operation, input }: AwsCall): object => {
    if (service === 'DynamoDB') return table.answer(operation, input);
    if (service === 'EventBridge' && operation === 'PutEvents') {
      const entries = input.Entries as readonly unknown[];
      return { FailedEntryCount: 0, Entries: entries.map((_, at) => ({ EventId: `told-${at}` })) };
    }
    const entries = input.Entries as readonly Entry[];
    if (operation === 'ChangeMessageVisibilityBatch')
      return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] };
    if (operation !== 'SendMessageBatch') throw new DynamoFault('UnknownOperationException', operation);
    const url = String(input.QueueUrl);
    const queue = queues.get(url) ?? [];
    queues.set(url, queue);
    const Successful = entries.map(({ Id, MessageBody, MessageGroupId }) => {
      const id = `message-${++sent}`;
      queue.push({ id, body: MessageBody, ...(MessageGroupId !== undefined && { group: MessageGroupId }) });
      return { Id, MessageId: id, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') };
    });
    return { Successful, Failed: [] };
  };

  const server = createServer(async (request, response) => {
    const call = await callIn(request);
    const type = { 'content-type': request.headers['content-type'] ?? 'application/x-amz-json-1.0' };
    try {
      calls.push(call);
      response.writeHead(200, type).end(JSON.stringify(answer(call)));
    } catch (error) {
      const { name, message } = error as Error;
      response.writeHead(400, type).end(JSON.stringify({ __type: name, message }));
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    take: queueUrl => (queues.get(queueUrl) ?? []).splice(0),
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

async function callIn(request: IncomingMessage): Promise<AwsCall> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const [prefix = '', operation = ''] = String(request.headers['x-amz-target']).split('.');
  const service = SERVICES[prefix];
  if (service === undefined) throw new Error(`the stub does not know ${request.headers['x-amz-target']}`);
  return { service, operation, input: JSON.parse(Buffer.concat(parts).toString('utf8')) };
}
