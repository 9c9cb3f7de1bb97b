import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { DynamoPolls } from '../lib/ledger/dynamodb/dynamo-polls.ts';
import { createPollRuns } from '../lib/queue/poll-runs.ts';
import { createTakeEvents } from '../lib/queue/receive.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { acrRegistries, config, setting } from './environment.ts';
import { acrRegistryOf } from './registries-acr.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('poll');

const run = createPollRuns({
  readerOf: acrRegistryOf,
  rules: config.rules,
  store: new DynamoPolls(new DynamoDBClient(), setting('LEDGER_TABLE')),
  take: createTakeEvents({
    rules: config.rules,
    queue: new SqsWorkQueue(new SQSClient(), { work: setting('WORK_QUEUE_URL') }),
    telemetry,
  }),
  telemetry,
  now: Date.now,
  timeout: milliseconds => AbortSignal.timeout(milliseconds),
});

/** Every minute or so: what is new among the newest tags of registries that announce nothing here. */
export const handler = middy(async (_event: unknown, context: Context) => {
  const polled = acrRegistries.filter(({ events = 'poll' }) => events === 'poll');
  await run(
    polled.map(({ host }) => host),
    context.getRemainingTimeInMillis(),
  );
}).use(middlewares);
