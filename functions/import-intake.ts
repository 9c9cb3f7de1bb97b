import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { openImportBus } from '../lib/bus/eventbridge/import-bus.ts';
import { DynamoCopied } from '../lib/ledger/dynamodb/dynamo-copied.ts';
import type { ImportTask } from '../lib/messages/import-message.ts';
import { createEndTeller, readExecutionEnd } from '../lib/queue/execution-end.ts';
import { createImportIntake } from '../lib/queue/import-intake.ts';
import { importTasks } from '../lib/queue/import-tasks.ts';
import { sendGrouped } from '../lib/queue/sqs/send-grouped.ts';
import { openExecutions } from '../lib/queue/states/step-functions.ts';
import { failureFacts } from '../lib/queue/telemetry.ts';
import { config, setting } from './environment.ts';
import { importEndOf, importNamesOf } from './import-ends.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('import-intake');
const { imports, rules } = config;
const executions = openExecutions(new SFNClient(), setting('STATE_MACHINE'));
const options = { imports, namesOf: importNamesOf };

const intake = createImportIntake({
  ...{ imports, rules, executions, telemetry },
  readerOf: importEndOf,
  copied: new DynamoCopied(new DynamoDBClient(), setting('LEDGER_TABLE')),
  send: sendGrouped(new SQSClient(), setting('IMPORT_QUEUE_URL')),
});
const tellEnd = createEndTeller({
  ...{ imports, rules, executions, telemetry },
  tell: openImportBus(new EventBridgeClient(), setting('EVENT_BUS')),
  now: Date.now,
});

/** Hands what is asked for to `use`, and tells of an execution that ended and could not tell it. */
async function read(value: unknown, use: (tasks: readonly ImportTask[]) => Promise<void>): Promise<void> {
  const end = readExecutionEnd(value);
  if (end === undefined) await use(importTasks(value, options));
  else await tellEnd(end);
}

/** Events and clocks become messages of the queue; each message of it starts an execution, where one is needed. */
export const handler = middy(async (event: Partial<SQSEvent>): Promise<SQSBatchResponse | undefined> => {
  if (event.Records === undefined) {
    await read(event, intake.send);
    return undefined;
  }
  const failed: string[] = [];
  for (const { body, messageId } of event.Records) {
    try {
      await read(JSON.parse(body), async tasks => {
        for (const task of tasks) await intake.take(task);
      });
    } catch (error) {
      telemetry.log('warn', 'failed', failureFacts(error));
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
}).use(middlewares);
