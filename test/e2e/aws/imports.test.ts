import { randomBytes } from 'node:crypto';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { listenToBus, makeQueue } from '../../support/aws-queues.ts';
import { type Cloud, linuxImage, startCloud } from '../../support/deployed-stack.ts';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { content, describeContent, TYPES } from '../../support/e2e-images.ts';
import { run, until, using } from '../../support/e2e-run.ts';
import { killFunction } from '../../support/kill-function.ts';
import { describeWith } from '../../support/tools.ts';

/** A few of these make a layer of the test: each step ends after one. */
const SLICE = 300_000;
const LAYER = 9_000_000;

interface Told {
  readonly 'detail-type': string;
  readonly detail: { readonly source?: { readonly repository: string } };
}

/** A deployment that imports from ECR to a registry that nobody here wrote. */
describeWith(['python3', 'crane', 'skopeo', 'docker-registry'], 'imports on an emulated AWS', () => {
  let cloud: Cloud;
  let lan: RunningRegistry;
  let states: SFNClient;
  let stateMachineArn: string;
  let queue: string;
  let copy: string;
  let logGroup: string;
  let told: string;
  const heard: Told[] = [];

  beforeAll(async () => {
    lan = await startDockerRegistry();
    cloud = await startCloud(
      'aws-imports',
      `registries:
  prod: ecr
  lan: ${lan.host}
indexes:
  - repositories: [prod/team/*]
    platforms: [linux/amd64, linux/arm64]
imports:
  - name: mirror
    from: prod/team/*
    to: lan/mirror/{repository}
    referrers: false                # the emulated ECR does not know ListImageReferrers
    when: published
  - name: large
    from: prod/large
    to: lan/copies/{repository}
    referrers: false
    when: manual
`,
    );
    for (const line of ['npx cdk bootstrap', 'npx cdk deploy --require-approval never']) {
      const { rc, out, err } = await cloud.shell(line);
      if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
    }
    told = await makeQueue(cloud.clients.sqs, 'told');
    await listenToBus(cloud.clients.events, cloud.clients.sqs, told, 'default');
    for (const repositoryName of ['team/app', 'large'])
      await cloud.clients.ecr.send(new CreateRepositoryCommand({ repositoryName }));
    const { url: endpoint, region } = cloud.ministack;
    states = new SFNClient({
      ...{ endpoint, region },
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const { receive } = await cloud.deployment();
    copy = receive.replace('receive', 'copy');
    const intake = await configurationOf(receive.replace('receive', 'import-intake'));
    stateMachineArn = intake.STATE_MACHINE!;
    queue = intake.IMPORT_QUEUE_URL!;
    const { LoggingConfig } = await cloud.clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: copy }),
    );
    logGroup = LoggingConfig!.LogGroup!;
    const Variables = { ...(await configurationOf(copy)), SLICE_BYTES: String(SLICE) };
    await cloud.clients.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: copy, Environment: { Variables } }),
    );
  }, 240_000);
  afterAll(async () => {
    states?.destroy();
    await cloud?.stop();
    await lan?.stop();
  });

  const configurationOf = async (FunctionName: string) => {
    const input = new GetFunctionConfigurationCommand({ FunctionName });
    return (await cloud.clients.lambda.send(input)).Environment?.Variables ?? {};
  };
  const digest = async (reference: string) => {
    const { rc, out } = await run('crane', ['digest', '--insecure', reference]);
    return rc === 0 ? out.trim() : undefined;
  };
  const executions = async () =>
    (await states.send(new ListExecutionsCommand({ stateMachineArn }))).executions ?? [];
  const history = async (executionArn: string): Promise<readonly HistoryEvent[]> =>
    (await states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events ?? [];
  const entered = async (executionArn: string, state: string) =>
    (await history(executionArn)).filter(({ stateEnteredEventDetails: of }) => of?.name === state).length;
  const start = async (name: string, repository: string, tag: string) => {
    const input = importMessage({ name, repository, tag });
    return (await states.send(new StartExecutionCommand({ stateMachineArn, input }))).executionArn!;
  };
  const ended = (executionArn: string) =>
    until(
      async () => {
        const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
        return status === 'RUNNING' ? undefined : status;
      },
      { timeout: 60_000, every: 200 },
    );
  const ask = (repository: string, tag: string) =>
    cloud.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: importMessage({ name: 'mirror', repository, tag }),
        MessageGroupId: 'mirror',
      }),
    );

  /** Messages in the queue of imports, those that are being looked at too. */
  const waiting = async () => {
    const { Attributes = {} } = await cloud.clients.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes.ApproximateNumberOfMessages) +
      Number(Attributes.ApproximateNumberOfMessagesNotVisible)
    );
  };

  it('copy an index as soon as it is published, and do not copy it again', async () => {
    for (const architecture of ['amd64', 'arm64'])
      await cloud.push('skopeo', `team/app:1.0-${architecture}`, linuxImage(architecture, { build: 'one' }));
    const published = await until(() => digest(`${cloud.endpoint}/team/app:1.0`), { timeout: 20_000 });
    const copied = await until(() => digest(`${lan.host}/mirror/team/app:1.0`), { timeout: 30_000 });
    expect(copied).toBe(published);
    await using('crane', ['validate', '--insecure', '--remote', `${lan.host}/mirror/team/app:1.0`]);
    const [first] = await executions();
    expect(await ended(first!.executionArn!)).toBe('SUCCEEDED');
    for (let times = 0; times < 2; times += 1) await ask('team/app', '1.0');
    expect(await until(async () => (await waiting()) === 0 || undefined, { every: 200 })).toBe(true);
    expect(await executions()).toHaveLength(1);
  });

  it('copy a layer in slices, each in a step of its own', async () => {
    await pushLarge('1.0');
    const execution = await start('large', 'large', '1.0');
    expect(await ended(execution)).toBe('SUCCEEDED');
    const reached = await parts('1.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    expect(await digest(`${lan.host}/copies/large:1.0`)).toBe(await digest(`${cloud.endpoint}/large:1.0`));
    // The same by hand once more finds that it is there: nothing is copied.
    const again = await start('large', 'large', '1.0');
    expect(await ended(again)).toBe('SUCCEEDED');
    expect(await entered(again, 'Blobs')).toBe(0);
  });

  it('go on where a step was killed', async () => {
    await pushLarge('2.0');
    const execution = await start('large', 'large', '2.0');
    for (const sofar of [3, 9]) {
      await until(async () => (await parts('2.0')).length >= sofar || undefined, { every: 10 });
      expect(
        await until(() => killFunction(cloud.ministack.pid, copy) || undefined, { every: 3 }),
      ).toBeGreaterThan(0);
    }
    expect(await ended(execution)).toBe('SUCCEEDED');
    // No step began before where an earlier one had ended.
    const reached = await parts('2.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    expect(await digest(`${lan.host}/copies/large:2.0`)).toBe(await digest(`${cloud.endpoint}/large:2.0`));
  });

  it('tell what was copied, and what was not and why, and end as failed', async () => {
    expect(await hear('Import Finished', 'large')).toMatchObject({
      source: { registry: cloud.registry, repository: 'large' },
      target: { registry: lan.host, repository: 'copies/large' },
    });
    // The emulated Lambda has one name for all that a function throws, and would try it again for minutes.
    const { definition } = await states.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const impatient = definition!.replaceAll('"Refused"', '"Runtime.HandlerError"');
    await states.send(new UpdateStateMachineCommand({ stateMachineArn, definition: impatient }));
    await pushLarge('3.0');
    await lan.stop();
    const execution = await start('large', 'large', '3.0');
    expect(await ended(execution)).toBe('FAILED');
    expect(await entered(execution, 'Failed')).toBe(1);
    expect(await hear('Import Failed', 'large')).toMatchObject({ code: 'unreachable', retrying: false });
  });

  /** The detail of an event of this kind about a repository, among those that were heard so far or come soon. */
  const hear = (type: string, repository: string) =>
    until(async () => {
      const { Messages = [] } = await cloud.clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: told, MaxNumberOfMessages: 10 }),
      );
      heard.push(...Messages.map(({ Body }) => JSON.parse(Body!) as Told));
      return heard.find(one => one['detail-type'] === type && one.detail.source?.repository === repository)
        ?.detail;
    });

  /** How far each step of the large image had come, in the order of the log. The emulated history has no steps of items. */
  async function parts(tag: string): Promise<readonly number[]> {
    const answer = await fetch(cloud.ministack.url, {
      method: 'POST',
      headers: {
        'x-amz-target': 'Logs_20140328.FilterLogEvents',
        'content-type': 'application/x-amz-json-1.1',
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${cloud.ministack.region}/logs/aws4_request`,
      },
      body: JSON.stringify({ logGroupName: logGroup }),
    });
    const { events = [] } = (await answer.json()) as { readonly events?: { readonly message: string }[] };
    return events
      .filter(({ message }) => message.includes('"import part"'))
      .map(({ message }) => JSON.parse(message) as { readonly tag: string; readonly moved: number })
      .filter(line => line.tag === tag)
      .map(({ moved }) => moved);
  }

  async function pushLarge(tag: string): Promise<void> {
    const layer = content(TYPES.ociLayer, randomBytes(LAYER));
    const config = content(TYPES.ociConfig, { os: 'linux', architecture: 'amd64', tag });
    const mediaType = TYPES.ociManifest;
    const image = content(
      mediaType,
      { schemaVersion: 2, mediaType, config: describeContent(config), layers: [describeContent(layer)] },
      { blobs: [config, layer] },
    );
    await cloud.push('skopeo', `large:${tag}`, image);
  }
});
