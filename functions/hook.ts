import { SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ParsedEvents } from '../lib/events/parsed-events.ts';
import { createTakeEvents } from '../lib/queue/receive.ts';
import { SqsWorkQueue } from '../lib/queue/sqs/sqs-work-queue.ts';
import { failureFacts } from '../lib/queue/telemetry.ts';
import { createGatewayHook, type GatewayRequest } from '../lib/server/gateway-hook.ts';
import { config, setting } from './environment.ts';
import { functionTelemetry } from './telemetry.ts';

const { telemetry, middlewares } = functionTelemetry('hook');

const takeEvents = createTakeEvents({
  rules: config.rules,
  queue: new SqsWorkQueue(new SQSClient(), { work: setting('WORK_QUEUE_URL') }),
  telemetry,
});

const answer = createGatewayHook({
  registries: config.registries,
  take: async (events: ParsedEvents) => {
    try {
      await takeEvents(events);
    } catch (error) {
      telemetry.log('error', 'failed', failureFacts(error));
      throw error;
    }
  },
  now: Date.now,
});

/** A request of a registry, or of Event Grid, becomes messages in the work queue. */
export const handler = middy(async (request: GatewayRequest): Promise<APIGatewayProxyStructuredResultV2> => {
  const { status, headers, body } = await answer(request);
  return {
    statusCode: status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}).use(middlewares);
