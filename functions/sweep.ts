import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ArchweaveError } from '../lib/errors.ts';
import { DynamoLedger } from '../lib/ledger/dynamodb/dynamo-ledger.ts';
import { readSweepMessage } from '../lib/messages/sweep-message.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { createSweepRuns } from '../lib/queue/sweep-runs.ts';
import { failureFacts } from '../lib/queue/telemetry.ts';
import { config, setting } from './environment.ts';
import { registryHosts, registryOf } from './registries.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('sweep');
const sqs = new SQSClient();
const QueueUrl = setting('SWEEP_QUEUE_URL');

const run = createSweepRuns({
  readerOf: registryOf,
  rules: config.rules,
  queue: new SqsWorkQueue(sqs, { work: setting('WORK_QUEUE_URL') }),
  marks: new DynamoLedger(new DynamoDBClient(), setting('LEDGER_TABLE')),
  send: async bodies => {
    const Entries = bodies.map((MessageBody, at) => ({ Id: String(at), MessageBody }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length > 0)
      throw new ArchweaveError({ code: 'unreachable', attempt: 'send a task of the sweep' });
  },
  telemetry,
  now: Date.now,
});

/** The schedule begins a sweep of each registry; a message of the queue is one repository of it. */
export const handler = middy(
  async ({ Records }: Partial<SQSEvent>, context: Context): Promise<SQSBatchResponse> => {
    const remaining = () => context.getRemainingTimeInMillis();
    const began = new Date().toISOString();
    if (Records === undefined)
      for (const registry of registryHosts) await run({ registry, began, first: [] }, remaining);
    const failed: string[] = [];
    for (const { body, messageId } of Records ?? []) {
      try {
        await run(readSweepMessage(body), remaining);
      } catch (error) {
        telemetry.log('warn', 'failed', failureFacts(error));
        failed.push(messageId);
      }
    }
    return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
  },
).use(middlewares);
