import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ArchweaveError } from '../../errors.ts';
import type { Deployment } from '../deployment.ts';
import { awsError } from './aws-error.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';

/** Where the work stands after it was paused or taken up again. */
export interface Assembling {
  /** Whether this call changed anything. */
  readonly changed: boolean;
  /** Messages that nobody works on at the moment. */
  readonly waiting: number;
  /** Seconds that the queue keeps a message. */
  readonly retention: number;
}

/** The mapping needs some seconds to change; milliseconds. */
const PATIENCE = 120_000;
const POLL = 1_000;

/**
 * Lets `assemble` take messages from the work queue, or no more. Answers once that is so; a pass that has begun ends
 * by itself.
 */
export async function setAssembling(
  deployment: Deployment,
  on: boolean,
  { timeout, signal }: AwsAccess & { readonly signal: AbortSignal },
): Promise<Assembling> {
  const { region, work } = deployment;
  const lambda = new LambdaClient(clientSettings({ region, timeout }));
  const sqs = new SQSClient(clientSettings({ region, timeout }));
  try {
    const changed = await changeMapping(lambda, deployment, on, signal);
    return { changed, ...(await stateOf(sqs, work, region)) };
  } finally {
    lambda.destroy();
    sqs.destroy();
  }
}

async function changeMapping(
  lambda: LambdaClient,
  { region, assembleMapping: UUID }: Deployment,
  on: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const attempt = on ? 'resume the work' : 'pause the work';
  const until = Date.now() + PATIENCE;
  const wanted = on ? 'Enabled' : 'Disabled';
  const asked = (action: string) => ({ attempt, action: `lambda:${action}`, region });
  const state = async (): Promise<string> => {
    try {
      return (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State ?? '';
    } catch (error) {
      throw awsError(error, asked('GetEventSourceMapping'));
    }
  };
  const settled = async (): Promise<string> => {
    for (let now = await state(); ; now = await state()) {
      if (!now.endsWith('ing')) return now;
      if (Date.now() > until)
        throw new ArchweaveError({
          code: 'timeout',
          attempt,
          reason: `it is still ${now}`,
          next: 'run it again',
        });
      await sleep(POLL, undefined, { signal });
    }
  };
  if ((await settled()) === wanted) return false;
  try {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: on }));
  } catch (error) {
    throw awsError(error, asked('UpdateEventSourceMapping'));
  }
  await settled();
  return true;
}

async function stateOf(sqs: SQSClient, QueueUrl: string, region: string) {
  const AttributeNames = ['ApproximateNumberOfMessages', 'MessageRetentionPeriod'] as const;
  try {
    const input = { QueueUrl, AttributeNames: [...AttributeNames] };
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand(input));
    return {
      waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
      retention: Number(Attributes.MessageRetentionPeriod ?? 0),
    };
  } catch (error) {
    throw awsError(error, { attempt: 'look at the queue', action: 'sqs:GetQueueAttributes', region });
  }
}
