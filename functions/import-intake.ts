import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { DynamoCopied } from '../lib/ledger/dynamodb/dynamo-copied.ts';
import { createImportIntake } from '../lib/queue/import-intake.ts';
import { importTasks } from '../lib/queue/import-tasks.ts';
import { sendGrouped } from '../lib/queue/sqs/send-grouped.ts';
import { openExecutions } from '../lib/queue/states/step-functions.ts';
import { failureFacts } from '../lib/queue/telemetry.ts';
import { config, setting } from './environment.ts';
import { importEndOf, importNamesOf } from './import-ends.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('import-intake');
const options = { imports: config.imports, namesOf: importNamesOf };

const intake = createImportIntake({
  imports: config.imports,
  rules: config.rules,
  readerOf: importEndOf,
  copied: new DynamoCopied(new DynamoDBClient(), setting('LEDGER_TABLE')),
  executions: openExecutions(new SFNClient(), setting('STATE_MACHINE')),
  send: sendGrouped(new SQSClient(), setting('IMPORT_QUEUE_URL')),
  telemetry,
});

/** Events and clocks become messages of the queue; each message of it starts an execution, where one is needed. */
export const handler = middy(async (event: Partial<SQSEvent>): Promise<SQSBatchResponse | undefined> => {
  if (event.Records === undefined) {
    await intake.send(importTasks(event, options));
    return undefined;
  }
  const failed: string[] = [];
  for (const { body, messageId } of event.Records) {
    try {
      for (const task of importTasks(JSON.parse(body), options)) await intake.take(task);
    } catch (error) {
      telemetry.log('warn', 'failed', failureFacts(error));
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map(itemIdentifier => ({ itemIdentifier })) };
}).use(middlewares);
