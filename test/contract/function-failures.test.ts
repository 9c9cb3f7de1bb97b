import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { bundleFunctions } from '../../functions/bundle/bundle-functions.ts';
import { DynamoLedger } from '../../lib/ledger/dynamodb/dynamo-ledger.ts';
import { bundleConfig } from '../../lib/rules/bundled-config.ts';
import { type AwsFault, type AwsFaults, startAwsFaults } from '../support/aws-faults.ts';
import { listenToBus, makeQueue, recordsOf } from '../support/aws-queues.ts';
import { sampleImage } from '../support/e2e-images.ts';
import { type EcrFake, startEcrFake } from '../support/ecr-fake.ts';
import { ecrClient, pushToEcr } from '../support/ecr-fake-push.ts';
import { EcrFault } from '../support/ecr-fake-world.ts';
import { type LambdaFunction, startFunction } from '../support/lambda-function.ts';
import { makeLedgerTable } from '../support/ledger-table.ts';
import { type RunningMinistack, startMinistack } from '../support/ministack.ts';
import { ruleOf } from '../support/rule.ts';
import { describeWith } from '../support/tools.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const HOST = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com`;
/** More often than any pass asks. */
const MANY = 100;

const DENIED = `User: arn:aws:sts::${ACCOUNT}:assumed-role/assemble/x is not authorized to perform: ecr:PutImage`;
const ecr = (
  name: string,
  more: { readonly kmsError?: string; readonly status?: number; readonly message?: string } = {},
) => new EcrFault(name, more.message ?? 'it cannot be', more);

/** The functions as they are bundled, where AWS refuses what they ask: each class of error ends where it should. */
describeWith(['python3'], 'a failure of AWS that the functions meet', () => {
  let stack: RunningMinistack;
  let faults: AwsFaults;
  let fake: EcrFake;
  let sqs: SQSClient;
  let ledger: DynamoLedger;
  let folder: string;
  let work: string;
  let dead: string;
  let assemble: LambdaFunction;
  let receive: LambdaFunction;
  let versions = 0;
  const digests = new Map<string, string>();

  beforeAll(async () => {
    stack = await startMinistack();
    faults = await startAwsFaults(stack.url);
    fake = await startEcrFake({ account: ACCOUNT, region: REGION });
    folder = await mkdtemp(join(tmpdir(), 'archweave-failures-'));
    await bundleFunctions(folder);
    const rules = [ruleOf('ecr', { name: 'apps' })];
    await writeFile(
      join(folder, 'config.json'),
      bundleConfig({ registries: [{ name: 'prod', host: 'ecr' }], rules }),
    );
    const aws = {
      endpoint: stack.url,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    sqs = new SQSClient(aws);
    work = await makeQueue(sqs, 'work.fifo');
    dead = await makeQueue(sqs, 'dead.fifo');
    await listenToBus(new EventBridgeClient(aws), sqs, await makeQueue(sqs, 'told'));
    const dynamo = new DynamoDBClient(aws);
    await makeLedgerTable(dynamo, 'ledger');
    ledger = new DynamoLedger(dynamo, 'ledger');
    const environment = {
      ...{ AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
      ...{ AWS_ENDPOINT_URL: faults.url, AWS_ENDPOINT_URL_ECR: fake.endpoint, ARCHWEAVE_ACCOUNT: ACCOUNT },
      ...{ WORK_QUEUE_URL: work.replace(stack.url, faults.url), LEDGER_TABLE: 'ledger', EVENT_BUS: 'told' },
      DEAD_LETTERS_URL: dead.replace(stack.url, faults.url),
    };
    assemble = await startFunction(join(folder, 'assemble.mjs'), environment);
    receive = await startFunction(join(folder, 'receive.mjs'), environment);
  }, 180_000);

  afterAll(async () => {
    await assemble?.stop();
    await receive?.stop();
    await fake?.stop();
    await faults?.stop();
    await stack?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  const eventOf = (tag: string) => ({
    ...{
      version: '0',
      id: `event-${tag}`,
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      resources: [],
    },
    ...{ account: ACCOUNT, region: REGION, time: new Date().toISOString() },
    detail: {
      ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': 'team/app', 'image-tag': tag },
      'image-digest': digests.get(tag) ?? `sha256:${'0'.repeat(64)}`,
    },
  });
  /** A group that is complete in the registry, with a message in the queue. */
  const aGroup = async (): Promise<string> => {
    const version = `${++versions}.0`;
    const client = ecrClient(fake);
    for (const architecture of ['amd64', 'arm64']) {
      const image = sampleImage({ os: 'linux', architecture }, { text: version });
      await pushToEcr(client, 'team/app', `${version}-${architecture}`, image);
      digests.set(`${version}-${architecture}`, image.digest);
    }
    client.destroy();
    await receive.invoke(eventOf(`${version}-arm64`));
    return version;
  };
  /** One batch, as Lambda's mapping of the queue gives it; answers where the message ended. */
  const run = async (version: string) => {
    const input = { QueueUrl: work, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const all = { MessageSystemAttributeNames: ['All' as const] };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ ...input, ...all }));
    const { batchItemFailures } = (await assemble.invoke(recordsOf(Messages))) as {
      batchItemFailures: unknown[];
    };
    taken.push(...Messages);
    const buried = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: dead, MessageAttributeNames: ['All'] }),
    );
    const standing = await ledger.standing({ registry: HOST, repository: 'team/app', tag: version });
    const lines = (await assemble.lines()).filter(line => 'event' in line);
    const outcome = {
      taken: Messages.length,
      again: batchItemFailures.length,
      buried: buried.Messages?.map(({ MessageAttributes }) => MessageAttributes?.code?.StringValue) ?? [],
      state: standing?.state,
      reason: standing?.reason,
    };
    return { outcome, last: lines.at(-1), lines };
  };
  const taken: Message[] = [];
  const cleanUp = async () => {
    faults.clear();
    fake.failNoMore();
    for (const { ReceiptHandle } of taken.splice(0))
      await sqs.send(new DeleteMessageCommand({ QueueUrl: work, ReceiptHandle }));
    await sqs.send(new PurgeQueueCommand({ QueueUrl: dead }));
  };
  afterEach(cleanUp);

  it.each<[string, string, EcrFault, string]>([
    ['throttled while it reads', 'BatchGetImage', ecr('ThrottlingException'), 'throttled'],
    ['throttled while it writes', 'PutImage', ecr('ThrottlingException'), 'throttled'],
    ['broken inside, reading', 'BatchGetImage', ecr('ServerException', { status: 500 }), 'registry-failed'],
    ['broken inside, writing', 'PutImage', ecr('ServerException', { status: 500 }), 'registry-failed'],
    [
      'waiting for its key',
      'PutImage',
      ecr('KmsException', { kmsError: 'ThrottlingException' }),
      'throttled',
    ],
  ])('of ECR, %s, comes again after a rest and then works', async (_, operation, fault, code) => {
    const version = await aGroup();
    fake.failNext(operation, fault, MANY);
    const { outcome, last } = await run(version);
    expect(outcome).toMatchObject({ taken: 1, again: 1, buried: [] });
    expect(last).toMatchObject({ event: 'failed', code, attempt: 0 });
    const names = ['ApproximateNumberOfMessagesNotVisible' as const];
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: work, AttributeNames: names }),
    );
    expect(Attributes).toEqual({ ApproximateNumberOfMessagesNotVisible: '1' });
    await cleanUp();
    await receive.invoke({ ...eventOf(`${version}-arm64`), id: `again-${version}` });
    expect((await run(version)).outcome).toMatchObject({ taken: 1, again: 0, state: 'published' });
  });

  it.each<[string, EcrFault, string, string]>([
    [
      'a right that is missing',
      ecr('AccessDeniedException', { message: DENIED }),
      'forbidden',
      'ecr:PutImage',
    ],
    [
      'a key that is disabled',
      ecr('KmsException', { kmsError: 'DisabledException' }),
      'forbidden',
      'encryption key',
    ],
    ['a quota that is used up', ecr('LimitExceededException'), 'quota-exceeded', 'quota'],
  ])('of ECR, %s, is buried at once with its reason', async (_, fault, code, words) => {
    const version = await aGroup();
    fake.failNext('PutImage', fault, MANY);
    const { outcome, last } = await run(version);
    expect(outcome).toMatchObject({ taken: 1, again: 0, buried: [code] });
    expect(last).toMatchObject({ event: 'buried', code, error: expect.stringContaining(words) });
  });

  it.each([
    ['a tag that became immutable', ecr('ImageTagAlreadyExistsException'), 'immutable-tag'],
    ['an index that it does not take', ecr('InvalidParameterException'), 'refused'],
  ])('of ECR, %s, is held and not tried again', async (_, fault, reason) => {
    const version = await aGroup();
    fake.failNext('PutImage', fault, MANY);
    const { outcome } = await run(version);
    expect(outcome).toEqual({ taken: 1, again: 0, buried: [], state: 'held', reason });
  });

  it.each<[string, AwsFault, string]>([
    ['slow down', { name: 'ProvisionedThroughputExceededException', status: 400 }, 'throttled'],
    ['it is broken', { name: 'InternalServerError', status: 500 }, 'registry-failed'],
  ])('of DynamoDB, saying that %s, comes again', async (_, fault, code) => {
    const version = await aGroup();
    faults.failNext('GetItem', fault, MANY);
    const { outcome, last } = await run(version);
    expect(outcome).toMatchObject({ taken: 1, again: 1, buried: [] });
    expect(last).toMatchObject({ event: 'failed', code });
  });

  it('of DynamoDB, a right that is missing, is buried at once', async () => {
    const version = await aGroup();
    faults.failNext('GetItem', { name: 'AccessDeniedException', status: 400 }, MANY);
    expect((await run(version)).outcome).toMatchObject({ taken: 1, again: 0, buried: ['forbidden'] });
  });

  it('of EventBridge leaves the index right, and is told in the log', async () => {
    const version = await aGroup();
    faults.failNext('PutEvents', { name: 'InternalException', status: 500 }, MANY);
    const { outcome, lines } = await run(version);
    expect(outcome).toMatchObject({ taken: 1, again: 0, buried: [], state: 'published' });
    expect(lines).toContainEqual(
      expect.objectContaining({ event: 'not announced', type: 'Index Published' }),
    );
  });

  it('of SQS, which does not take the dead letter, loses nothing', async () => {
    const version = await aGroup();
    fake.failNext('PutImage', ecr('AccessDeniedException', { message: DENIED }));
    faults.failNext('SendMessageBatch', { name: 'ThrottlingException', status: 400 }, MANY);
    const { outcome, last } = await run(version);
    expect(outcome).toMatchObject({ taken: 1, again: 1, buried: [] });
    expect(last).toMatchObject({ event: 'not buried', reason: 'forbidden' });
  });

  it('of SQS, which does not take the wake-up, lets the event come again', async () => {
    faults.failNext('SendMessageBatch', { name: 'ServiceUnavailable', status: 503 }, MANY);
    const event = { ...eventOf(`${versions}.0-arm64`), id: 'event-again' };
    await expect(receive.invoke(event)).rejects.toThrow('ServiceUnavailable');
    faults.clear();
    await receive.invoke(event);
    expect((await run(`${versions}.0`)).outcome).toMatchObject({ taken: 1, again: 0, state: 'published' });
  });
});
