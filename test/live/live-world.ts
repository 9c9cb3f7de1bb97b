import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchDeleteImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  ECRClient,
} from '@aws-sdk/client-ecr';
import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export interface LiveQueue {
  readonly url: string;
  readonly arn: string;
}

/** A real account for a while: everything made in it has one throw-away name in front and is removed at the end. */
export interface LiveWorld {
  readonly account: string;
  readonly region: string;
  /** Begins the name of everything: `archweave-live-1a2b3c`. */
  readonly prefix: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly ecr: ECRClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
  /** Milliseconds to wait for what comes by itself. */
  readonly patience: number;
  repository(name: string, options?: { readonly immutable?: boolean }): Promise<string>;
  /** `services` may send to it. */
  queue(
    name: string,
    options?: { readonly fifo?: boolean; readonly services?: readonly string[] },
  ): Promise<LiveQueue>;
  /** A rule of the default bus for such events. */
  rule(name: string, pattern: object, target: Omit<Target, 'Id'>): Promise<void>;
  /** What comes into a queue until that many came or the patience is over. */
  messages(queue: LiveQueue, atLeast: number): Promise<readonly Message[]>;
  /** Something more to remove at the end. */
  later(remove: () => Promise<unknown>): void;
  /** Removes everything, newest first; answers what could not be removed. */
  cleanUp(): Promise<readonly string[]>;
}

export interface LiveWorldOptions {
  readonly account: string;
  readonly region: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly patience: number;
}

export function openLiveWorld({ account, region, env, patience }: LiveWorldOptions): LiveWorld {
  const prefix = `archweave-live-${randomBytes(3).toString('hex')}`;
  const [ecr, events, sqs] = [
    new ECRClient({ region }),
    new EventBridgeClient({ region }),
    new SQSClient({ region }),
  ];
  const made: { readonly what: string; readonly remove: () => Promise<unknown> }[] = [];
  const later = (what: string, remove: () => Promise<unknown>) => void made.push({ what, remove });

  return {
    ...{ account, region, prefix, env, ecr, events, sqs, patience },
    later: remove => later('something', remove),
    async repository(name, { immutable = false } = {}) {
      const repositoryName = `${prefix}/${name}`;
      const imageTagMutability = immutable ? 'IMMUTABLE' : 'MUTABLE';
      const tags = [{ Key: 'archweave', Value: 'live' }];
      await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability, tags }));
      later(`repository ${repositoryName}`, () =>
        ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true })),
      );
      return repositoryName;
    },
    async queue(name, { fifo = false, services = [] } = {}) {
      const QueueName = `${prefix}-${name}${fifo ? '.fifo' : ''}`;
      const Attributes = fifo ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
      const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
      later(`queue ${QueueName}`, () => sqs.send(new DeleteQueueCommand({ QueueUrl: url })));
      const asked = { QueueUrl: url, AttributeNames: ['QueueArn' as const] };
      const arn = (await sqs.send(new GetQueueAttributesCommand(asked))).Attributes!.QueueArn!;
      if (services.length > 0) {
        const statement = {
          Effect: 'Allow',
          Principal: { Service: services },
          Action: 'sqs:SendMessage',
          Resource: arn,
        };
        const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
      }
      return { url, arn };
    },
    async rule(name, pattern, target) {
      const Name = `${prefix}-${name}`;
      await events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
      later(`rule ${Name}`, async () => {
        await events.send(new RemoveTargetsCommand({ Rule: Name, Ids: ['one'] }));
        await events.send(new DeleteRuleCommand({ Name }));
      });
      const { FailedEntries = [] } = await events.send(
        new PutTargetsCommand({ Rule: Name, Targets: [{ ...target, Id: 'one' }] }),
      );
      if (FailedEntries.length > 0) throw new Error(`PutTargets: ${FailedEntries[0]?.ErrorMessage}`);
    },
    async messages({ url: QueueUrl }, atLeast) {
      const until = Date.now() + patience;
      const seen: Message[] = [];
      while (seen.length < atLeast && Date.now() < until) {
        const input = {
          QueueUrl,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: Math.min(10, Math.ceil(patience / 1_000)),
        };
        const all = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ ...input, ...all }));
        for (const { ReceiptHandle } of Messages)
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        seen.push(...Messages);
        if (Messages.length === 0) await sleep(200);
      }
      return seen;
    },
    async cleanUp() {
      const left: string[] = [];
      for (const { what, remove } of made.splice(0).toReversed())
        await remove().catch((error: Error) => left.push(`${what}: ${error.name}`));
      for (const client of [ecr, events, sqs]) client.destroy();
      return left;
    },
  };
}

/** Takes tags or images away again, as a person does. */
export function deleteImages(
  { ecr }: Pick<LiveWorld, 'ecr'>,
  repositoryName: string,
  imageIds: readonly { readonly imageTag?: string; readonly imageDigest?: string }[],
) {
  return ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [...imageIds] }));
}
