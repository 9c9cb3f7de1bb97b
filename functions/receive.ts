import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { parseEcr } from '../lib/events/parse-ecr.ts';
import { createReceive } from '../lib/queue/receive.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { config, namesOf, setting } from './environment.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('receive');

const receive = createReceive({
  parse: parseEcr,
  rules: config.rules,
  queue: new SqsWorkQueue(new SQSClient(), { work: setting('WORK_QUEUE_URL') }),
  telemetry,
  namesOf,
});

/** An event of EventBridge becomes messages in the work queue. A failure makes Lambda bring the event again. */
export const handler = middy((event: unknown) => receive(event)).use(middlewares);
