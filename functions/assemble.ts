import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { openBus } from '../lib/bus/eventbridge/open-bus.ts';
import { repositoryArn } from '../lib/bus/eventbridge/repository-arn.ts';
import { ownEvent } from '../lib/bus/own-event.ts';
import { DynamoLedger } from '../lib/ledger/dynamodb/dynamo-ledger.ts';
import { createPasses } from '../lib/queue/passes.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { takeBatch } from '../lib/queue/take-batch.ts';
import { WRITES_PER_SECOND, writeBudget } from '../lib/queue/write-budget.ts';
import { createWritePace } from '../lib/queue/write-pace.ts';
import { config, numberSetting, setting } from './environment.ts';
import { registryOf } from './registries.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('assemble');
const queues = { work: setting('WORK_QUEUE_URL'), dead: setting('DEAD_LETTERS_URL') };
const queue = new SqsWorkQueue(new SQSClient(), queues);
const bus = openBus(new EventBridgeClient(), setting('EVENT_BUS'));
const { groups, every } = writeBudget(numberSetting('WRITES_PER_SECOND', WRITES_PER_SECOND));
const elapsed = () => performance.now();
const wait = (milliseconds: number) => setTimeout(milliseconds);
const names = new Map(config.registries.map(({ name, host }) => [host, name]));

const pass = createPasses({
  registryOf,
  ledger: new DynamoLedger(new DynamoDBClient(), setting('LEDGER_TABLE')),
  rules: config.rules,
  telemetry,
  announce: (announcement, occasion) =>
    bus(
      ownEvent(announcement, {
        ...occasion,
        rules: config.rules,
        registryName: host => names.get(host),
        repositoryArn,
        config: config.sha,
        now: Date.now(),
      }),
    ),
  now: Date.now,
  elapsed,
  timeout: milliseconds => AbortSignal.timeout(milliseconds),
  writeTurn: createWritePace({ every, elapsed, wait }),
});

/** Messages of the work queue become indexes. What fails comes again by itself, never with the rest of its batch. */
export const handler = middy(async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const remaining = () => context.getRemainingTimeInMillis();
  const failed = await takeBatch(Records.map(taken), {
    queue,
    remaining,
    telemetry,
    concurrency: groups,
    run: (wakeUps, attempt) => pass(wakeUps, attempt, remaining),
  });
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
}).use(middlewares);

function taken({ messageId, body, receiptHandle, attributes }: SQSRecord) {
  const { MessageGroupId: group = messageId, ApproximateReceiveCount: receives } = attributes;
  return { id: messageId, body, group, receipt: receiptHandle, receives: Number(receives) };
}
