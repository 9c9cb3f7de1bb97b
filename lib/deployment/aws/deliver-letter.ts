import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ArchweaveError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';
import type { DeadLetter, RawLetter } from '../dead-letter.ts';
import type { Deployment } from '../deployment.ts';
import { awsError } from './aws-error.ts';

interface Clients {
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
}

/** Sends a letter where it was meant to go. Rejects where it is not accepted there. */
export async function deliverLetter(
  { sqs, lambda }: Clients,
  { region, work }: Deployment,
  raw: RawLetter,
  { about, way }: DeadLetter,
): Promise<void> {
  const attempt = `try ${about} again`;
  if (way.to === 'nowhere') throw new ArchweaveError({ code: 'malformed', attempt, reason: way.why });
  const action = way.to === 'function' ? 'lambda:InvokeFunction' : 'sqs:SendMessage';
  try {
    if (way.to === 'work') return await send(sqs, work, raw);
    if (way.to === 'queue') return await send(sqs, await urlOf(sqs, way.arn), raw);
    await invoke(lambda, way, attempt);
  } catch (error) {
    throw awsError(error, { attempt, action, region });
  }
}

/** Under an id of its own: the event's may be one that the queue still remembers, and drops without a word. */
async function send(sqs: SQSClient, QueueUrl: string, { id, body, group }: RawLetter): Promise<void> {
  const fifo = group === undefined ? {} : { MessageGroupId: group, MessageDeduplicationId: id };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...fifo }));
}

async function urlOf(sqs: SQSClient, arn: string): Promise<string> {
  const [account, QueueName] = arn.split(':').slice(-2);
  return (await sqs.send(new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId: account }))).QueueUrl!;
}

async function invoke(
  lambda: LambdaClient,
  { name, payload, waits }: Extract<DeadLetter['way'], { readonly to: 'function' }>,
  attempt: string,
): Promise<void> {
  const InvocationType = waits ? 'RequestResponse' : 'Event';
  const input = { FunctionName: name, InvocationType, Payload: new TextEncoder().encode(payload) } as const;
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand(input));
  if (FunctionError === undefined) return;
  throw new ArchweaveError({
    code: 'registry-failed',
    attempt,
    reason: `${name} fails again: ${wordsOf(Payload)}`,
  });
}

/** What a function that failed says of it. */
function wordsOf(payload: Uint8Array | undefined): string {
  const text = new TextDecoder().decode(payload);
  try {
    const { errorMessage } = JSON.parse(text) as { readonly errorMessage?: unknown };
    if (typeof errorMessage === 'string') return printable(errorMessage).slice(0, 300);
  } catch {
    // It is shown as it is.
  }
  return printable(text).slice(0, 300);
}
