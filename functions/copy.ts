import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { openImportBus } from '../lib/bus/eventbridge/import-bus.ts';
import { AT_THE_START } from '../lib/import/copy-item.ts';
import { DynamoCopied } from '../lib/ledger/dynamodb/dynamo-copied.ts';
import { readImportMessage } from '../lib/messages/import-message.ts';
import type { CopyEvent } from '../lib/queue/copy-event.ts';
import { createImportSteps } from '../lib/queue/import-steps.ts';
import { readStepFailure, StepError } from '../lib/queue/step-error.ts';
import { failureFacts } from '../lib/queue/telemetry.ts';
import { config, numberSetting, setting } from './environment.ts';
import { importEndOf } from './import-ends.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('copy');
/** Milliseconds before its end that a step begins to end in good order: a part of a layer may be on its way. */
const FAREWELL = 60_000;

const steps = createImportSteps({
  imports: config.imports,
  rules: config.rules,
  registryOf: importEndOf,
  copied: new DynamoCopied(new DynamoDBClient(), setting('LEDGER_TABLE')),
  tell: openImportBus(new EventBridgeClient(), setting('EVENT_BUS')),
  telemetry,
  now: Date.now,
  ...(process.env.SLICE_BYTES !== undefined && { sliceBytes: numberSetting('SLICE_BYTES', 1) }),
});

/** One step of an execution. Fails with a name that the state machine knows. */
export const handler = middy(async (event: CopyEvent, context: Context): Promise<unknown> => {
  try {
    return await step(event, context);
  } catch (error) {
    telemetry.log('warn', 'failed', { op: event.op, ...failureFacts(error) });
    throw new StepError(error);
  }
}).use(middlewares);

async function step(event: CopyEvent, context: Context): Promise<unknown> {
  const task = readImportMessage(JSON.stringify(event.job));
  const pause = () => AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - FAREWELL));
  switch (event.op) {
    case 'plan':
      return await steps.plan(task, event.job.plan?.round ?? 0);
    case 'fetch':
      return await steps.fetch(task, event.job.plan, pause());
    case 'blob':
      return await steps.blob(task, event.item, { ...AT_THE_START, ...event.at }, pause());
    case 'finish': {
      const moved = event.moved.reduce((sum, bytes) => sum + bytes, 0);
      const { total, began, job } = event;
      return await steps.finish(task, { ...job.plan, moved, total, began: Date.parse(began) }, pause());
    }
    case 'failed':
      return await steps.failed(task, readStepFailure(event.error), Date.parse(event.began));
  }
}
