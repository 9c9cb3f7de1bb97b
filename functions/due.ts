import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import { DynamoLedger } from '../lib/ledger/dynamodb/dynamo-ledger.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { wakeDue } from '../lib/queue/wake-due.ts';
import { config, setting } from './environment.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('due');
const ledger = new DynamoLedger(new DynamoDBClient(), setting('LEDGER_TABLE'));
const queue = new SqsWorkQueue(new SQSClient(), { work: setting('WORK_QUEUE_URL') });
const every = Number(setting('DUE_EVERY_MS'));

/** Every few minutes: wakes what time alone changes, and what was published lately. Has no right at a registry. */
export const handler = middy(async () => {
  await wakeDue({ ledger, rules: config.rules, queue, telemetry, now: Date.now, every });
}).use(middlewares);
