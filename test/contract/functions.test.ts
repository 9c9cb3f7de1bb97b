import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bundleFunctions } from '../../functions/bundle/bundle-functions.ts';
import { DynamoLedger } from '../../lib/ledger/dynamodb/dynamo-ledger.ts';
import { bundleConfig } from '../../lib/rules/bundled-config.ts';
import { listenToBus, makeQueue, recordsOf } from '../support/aws-queues.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { type EcrFake, startEcrFake } from '../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../support/ecr-fake-push.ts';
import { type LambdaFunction, startFunction } from '../support/lambda-function.ts';
import { makeLedgerTable } from '../support/ledger-table.ts';
import { type RunningMinistack, startMinistack } from '../support/ministack.ts';
import { ruleOf } from '../support/rule.ts';
import { describeWith } from '../support/tools.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
const DECISION_KEYS = [
  'time level event decision reason registry repository group target digest previous members cause reads writes ms',
  'config version request xray',
].flatMap(keys => keys.split(' '));

describeWith(['python3'], 'the bundled functions on an emulated AWS', () => {
  const functions = new Map<string, LambdaFunction>();
  let stack: RunningMinistack;
  let fake: EcrFake;
  let sqs: SQSClient;
  let ledger: DynamoLedger;
  let folder: string;
  let urls: { readonly work: string; readonly dead: string; readonly sweep: string; readonly told: string };

  beforeAll(async () => {
    stack = await startMinistack();
    fake = await startEcrFake({ account: ACCOUNT, region: REGION });
    folder = await mkdtemp(join(tmpdir(), 'archweave-functions-'));
    await bundleFunctions(folder);
    const rules = [ruleOf('ecr', { name: 'apps' })];
    const config = bundleConfig({ registries: [{ name: 'prod', host: 'ecr' }], rules });
    await writeFile(join(folder, 'config.json'), config);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const aws = { endpoint: stack.url, region: REGION, credentials };
    sqs = new SQSClient(aws);
    urls = {
      work: await makeQueue(sqs, 'work.fifo'),
      dead: await makeQueue(sqs, 'dead.fifo'),
      sweep: await makeQueue(sqs, 'sweep'),
      told: await makeQueue(sqs, 'told'),
    };
    await listenToBus(new EventBridgeClient(aws), sqs, urls.told);
    const dynamo = new DynamoDBClient(aws);
    await makeLedgerTable(dynamo, 'ledger');
    ledger = new DynamoLedger(dynamo, 'ledger');
    const environment = {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: stack.url,
      AWS_ENDPOINT_URL_ECR: fake.endpoint,
      ARCHWEAVE_ACCOUNT: ACCOUNT,
      WORK_QUEUE_URL: urls.work,
      DEAD_LETTERS_URL: urls.dead,
      SWEEP_QUEUE_URL: urls.sweep,
      LEDGER_TABLE: 'ledger',
      EVENT_BUS: 'told',
      DUE_EVERY_MS: '300000',
      WRITES_PER_SECOND: '50',
    };
    for (const name of ['receive', 'assemble', 'due', 'sweep'])
      functions.set(name, await startFunction(join(folder, `${name}.mjs`), environment));
  }, 180_000);

  afterAll(async () => {
    for (const one of functions.values()) await one.stop();
    await fake?.stop();
    await stack?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const invoke = (name: string, event: unknown = {}) => functions.get(name)!.invoke(event);
  const receive = (tag: string, id: string, account = ACCOUNT) =>
    invoke('receive', {
      ...{ version: '0', id, source: 'aws.ecr', 'detail-type': 'ECR Image Action', account, region: REGION },
      ...{ time: new Date().toISOString(), resources: [] },
      detail: {
        ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': 'team/app', 'image-tag': tag },
        'image-digest': digests.get(tag) ?? `sha256:${'0'.repeat(64)}`,
      },
    });
  const digests = new Map<string, string>();
  const push = async (tag: string, architecture: string) => {
    const image = sampleImage({ os: 'linux', architecture });
    const ecr = ecrClient(fake);
    await pushToEcr(ecr, 'team/app', tag, image);
    ecr.destroy();
    digests.set(tag, image.digest);
  };
  const messagesIn = async (url: string): Promise<readonly Message[]> => {
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const all = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
    return (await sqs.send(new ReceiveMessageCommand({ ...input, ...all }))).Messages ?? [];
  };
  const remove = ({ ReceiptHandle }: Message, QueueUrl: string) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  /** What the event source mapping does: a batch to the function, and what did not fail off the queue. */
  const work = async (name: 'assemble' | 'sweep', url: string) => {
    const messages = await messagesIn(url);
    const { batchItemFailures } = (await invoke(name, recordsOf(messages))) as {
      batchItemFailures: readonly { readonly itemIdentifier: string }[];
    };
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    for (const message of messages) if (!failed.includes(message.MessageId!)) await remove(message, url);
    return { taken: messages.length, failed: failed.length };
  };
  const linesOf = async (name: string) =>
    (await functions.get(name)!.lines()).filter(line => 'event' in line);

  it('make an index of two pushes, tell of it, and are at rest after their own push', async () => {
    await push('1.0-amd64', 'amd64');
    await receive('1.0-amd64', 'event-1');
    expect(await work('assemble', urls.work)).toEqual({ taken: 1, failed: 0 });
    await push('1.0-arm64', 'arm64');
    await receive('1.0-arm64', 'event-2');
    await receive('1.0-arm64', 'event-2');
    expect(await work('assemble', urls.work)).toEqual({ taken: 1, failed: 0 });
    const made = (await ledger.published({ registry: HOST, repository: 'team/app', tag: '1.0' }))?.digest;
    expect(made).toBeDefined();

    const [told] = await messagesIn(urls.told);
    await remove(told!, urls.told);
    expect(JSON.parse(told!.Body!)).toMatchObject({
      source: 'archweave',
      'detail-type': 'Index Published',
      resources: [`arn:aws:ecr:${REGION}:${ACCOUNT}:repository/team/app`],
      detail: {
        version: 1,
        registry: { host: HOST, name: 'prod' },
        digest: made,
        cause: { eventId: 'event-2' },
      },
    });

    digests.set('1.0', made!);
    await receive('1.0', 'event-3');
    expect(await work('assemble', urls.work)).toEqual({ taken: 1, failed: 0 });
    const lines = (await linesOf('assemble')).filter(({ event }) => event === 'decision');
    expect(lines.map(({ decision }) => decision)).toEqual(['waiting', 'published', 'unchanged']);
    for (const line of lines) expect(Object.keys(line)).toEqual(DECISION_KEYS);
    expect(fake.calls.filter(({ input }) => input.imageTag === '1.0')).toHaveLength(1);
  });

  it('count in the embedded format with one dimension', async () => {
    const lines = await functions.get('assemble')!.lines();
    const metrics = lines.filter(line => '_aws' in line) as { _aws: { CloudWatchMetrics: unknown[] } }[];
    expect(metrics.length).toBeGreaterThan(0);
    for (const { _aws } of metrics)
      expect(_aws.CloudWatchMetrics).toEqual([
        expect.objectContaining({ Namespace: 'Archweave', Dimensions: [['Service']] }),
      ]);
    expect(metrics).toContainEqual(expect.objectContaining({ Service: 'archweave', IndexPublished: 1 }));
  });

  it('ignore what is nobody’s, and refuse what is no event', async () => {
    await receive('1.0-amd64', 'event-4', '999999999999');
    await invoke('receive', { source: 'aws.ecr', 'detail-type': 'ECR Image Scan' });
    expect(await messagesIn(urls.work)).toEqual([]);
    await expect(invoke('receive', { source: 'aws.ecr' })).rejects.toThrow('detail-type is missing');
  });

  it('bury a poison message with its reason, and work on the rest of the batch', async () => {
    const poison = { MessageBody: '{"v":99}', MessageGroupId: 'poison', MessageDeduplicationId: 'poison' };
    await sqs.send(new SendMessageCommand({ QueueUrl: urls.work, ...poison }));
    await receive('1.0-amd64', 'event-5');
    expect(await work('assemble', urls.work)).toEqual({ taken: 2, failed: 0 });
    const [dead] = await messagesIn(urls.dead);
    expect(dead?.Body).toBe('{"v":99}');
    expect(dead?.MessageAttributes).toMatchObject({
      code: { StringValue: 'malformed' },
      reason: { StringValue: 'cannot read this message: v is not 1' },
    });
    await remove(dead!, urls.dead);
  });

  it('hide the group that ECR throttles for a while, and no other', async () => {
    await push('2.0-amd64', 'amd64');
    await receive('2.0-amd64', 'event-6');
    const throttled = new (await import('../support/ecr-fake-world.ts')).EcrFault(
      'ThrottlingException',
      'slow down',
    );
    fake.failNext('BatchGetImage', throttled, 2);
    expect(await work('assemble', urls.work)).toEqual({ taken: 1, failed: 1 });
    const attributes = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: urls.work,
        AttributeNames: ['ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    expect(attributes.Attributes?.ApproximateNumberOfMessagesNotVisible).toBe('1');
    expect((await linesOf('assemble')).at(-1)).toMatchObject({
      event: 'failed',
      code: 'throttled',
      attempt: 0,
    });
    await new Promise(resolve => setTimeout(resolve, 5_500));
    expect(await work('assemble', urls.work)).toEqual({ taken: 1, failed: 0 });
  });

  it('wake what is due without asking a registry', async () => {
    const before = fake.calls.length;
    const target = { registry: HOST, repository: 'team/app', tag: '3.0' };
    const since = new Date(Date.now() - 60_000).toISOString();
    await ledger.record({ target, rule: 'apps', captures: {}, state: 'waiting', since, dueAt: since });
    await invoke('due');
    const messages = await messagesIn(urls.work);
    const bodies = messages.map(({ Body }) => JSON.parse(Body!));
    for (const message of messages) await remove(message, urls.work);
    expect(bodies).toContainEqual(
      expect.objectContaining({ wakeUp: expect.objectContaining({ kind: 'verify', target: '3.0' }) }),
    );
    expect(fake.calls).toHaveLength(before);
  });

  it('sweep: a task a repository, and a wake-up for what nobody heard of', async () => {
    await invoke('sweep');
    expect(await work('sweep', urls.sweep)).toEqual({ taken: 1, failed: 0 });
    for (const message of await messagesIn(urls.work)) await remove(message, urls.work);
    await push('4.0-amd64', 'amd64');
    await push('4.0-arm64', 'arm64');
    await invoke('sweep');
    expect(await work('sweep', urls.sweep)).toEqual({ taken: 1, failed: 0 });
    const { taken } = await work('assemble', urls.work);
    expect(taken).toBeGreaterThan(0);
    expect(await ledger.published({ registry: HOST, repository: 'team/app', tag: '4.0' })).toBeDefined();
    const metrics = (await functions.get('sweep')!.lines()).filter(line => 'SweepCompleted' in line);
    expect(metrics).toHaveLength(2);
  });
});
