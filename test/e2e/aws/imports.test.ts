import { randomBytes } from 'node:crypto';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { importMessage } from '../../../lib/messages/import-message.ts';
import { listenToBus, makeQueue } from '../../support/aws-queues.ts';
import { type Cloud, linuxImage, startCloud } from '../../support/deployed-stack.ts';
import { type RunningRegistry, startDockerRegistry } from '../../support/docker-registry.ts';
import { imageOfLayer } from '../../support/e2e-images.ts';
import { pause, run, until, using } from '../../support/e2e-run.ts';
import { eventFixture } from '../../support/event-fixture.ts';
import { importExecutions } from '../../support/import-executions.ts';
import { importParts } from '../../support/import-parts.ts';
import { killFunction } from '../../support/kill-function.ts';
import { describeWith } from '../../support/tools.ts';

/** A few of these make a layer of the test: each step ends after one. */
const SLICE = 300_000;
const LAYER = 9_000_000;

interface Told {
  readonly 'detail-type': string;
  readonly detail: {
    readonly code?: string;
    readonly source?: { readonly repository: string; readonly tag: string };
  };
}

/** A deployment that imports from ECR to a registry that nobody here wrote. */
describeWith(['python3', 'crane', 'skopeo', 'docker-registry'], 'imports on an emulated AWS', () => {
  let cloud: Cloud;
  let lan: RunningRegistry;
  let states: SFNClient;
  let stateMachineArn: string;
  let queue: string;
  let executions: ReturnType<typeof importExecutions>;
  let copy: string;
  let intake: string;
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
    intake = receive.replace('receive', 'import-intake');
    const { STATE_MACHINE, IMPORT_QUEUE_URL } = await configurationOf(intake);
    stateMachineArn = STATE_MACHINE!;
    queue = IMPORT_QUEUE_URL!;
    executions = importExecutions(states, stateMachineArn);
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
  const parts = (tag: string) => importParts(cloud.ministack, logGroup, tag);
  const bothHold = async (tag: string) =>
    expect(await digest(`${lan.host}/copies/large:${tag}`)).toBe(
      await digest(`${cloud.endpoint}/large:${tag}`),
    );
  const ask = (name: string, repository: string, tag: string) =>
    cloud.clients.sqs.send(
      new SendMessageCommand({
        QueueUrl: queue,
        MessageBody: importMessage({ name, repository, tag }),
        MessageGroupId: name,
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
    const [first] = await executions.all();
    expect(await executions.ended(first!)).toBe('SUCCEEDED');
    for (let times = 0; times < 2; times += 1) await ask('mirror', 'team/app', '1.0');
    expect(await until(async () => (await waiting()) === 0 || undefined, { every: 200 })).toBe(true);
    expect(await executions.all()).toHaveLength(1);
  });

  it('copy a layer in slices, each in a step of its own', async () => {
    await pushLarge('1.0');
    const execution = await executions.start('large', 'large', '1.0');
    expect(await executions.ended(execution)).toBe('SUCCEEDED');
    const reached = await parts('1.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    await bothHold('1.0');
    // The same by hand once more finds that it is there: nothing is copied.
    const again = await executions.start('large', 'large', '1.0');
    expect(await executions.ended(again!)).toBe('SUCCEEDED');
    expect(await executions.entered(again, 'Blobs')).toBe(0);
  });

  it('go on where a step was killed', async () => {
    await pushLarge('2.0');
    const execution = await executions.start('large', 'large', '2.0');
    for (const sofar of [3, 9]) {
      await until(async () => (await parts('2.0')).length >= sofar || undefined, { every: 10 });
      expect(
        await until(() => killFunction(cloud.ministack.pid, copy) || undefined, { every: 3 }),
      ).toBeGreaterThan(0);
    }
    expect(await executions.ended(execution)).toBe('SUCCEEDED');
    // No step began before where an earlier one had ended.
    const reached = await parts('2.0');
    expect(reached.length).toBeGreaterThanOrEqual(LAYER / SLICE);
    expect(reached).toEqual(reached.toSorted((a, b) => a - b));
    await bothHold('2.0');
  });

  it('tell that somebody stopped one, or that its time was up, and begin it anew when they are asked again', async () => {
    await pushLarge('4.0');
    await ask('large', 'large', '4.0');
    await until(async () => (await parts('4.0')).length > 0 || undefined, { every: 10 });
    const [stopped] = await executions.all();
    await executions.stop(stopped!);
    expect(await executions.ended(stopped!)).toBe('ABORTED');
    expect(await hear('Import Failed', 'large:4.0')).toMatchObject({ code: 'interrupted', retrying: false });
    // The emulated Step Functions has no timeouts: what it would tell of one, as it is documented.
    await pushLarge('5.0');
    const late = await executions.start('large', 'large', '5.0');
    await executions.stop(late);
    const end = JSON.parse(new TextDecoder().decode(eventFixture('states-timed-out')));
    await cloud.invoke(intake, { ...end, detail: { ...end.detail, name: late.split(':').at(-1) } });
    expect(await hear('Import Failed', 'large:5.0', 'timeout')).toMatchObject({ ms: 21_600_000 });
    await ask('large', 'large', '4.0');
    const again = await until(async () => (await executions.all()).find(arn => arn.endsWith('-2')));
    expect(again).toBe(`${stopped}-2`);
    expect(await executions.ended(again!)).toBe('SUCCEEDED');
    await bothHold('4.0');
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
    const execution = await executions.start('large', 'large', '3.0');
    expect(await executions.ended(execution)).toBe('FAILED');
    expect(await executions.entered(execution, 'Failed')).toBe(1);
    // One that cannot even tell it is heard of by its end, though nobody knows which image it was about.
    const unknown = await executions.start('unknown', 'large', '3.0');
    expect(await executions.ended(unknown)).toBe('FAILED');
    expect(await executions.entered(unknown, 'Untold')).toBe(1);
    expect(await hear('Import Failed', 'large:3.0')).toMatchObject({ code: 'unreachable', retrying: false });
    // Step Functions tells its end too, and nobody hears of it twice.
    await pause(2_000);
    await listen();
    const failed = heard.filter(({ detail }) => detail.source?.tag === '3.0');
    expect(failed.map(one => one['detail-type'])).toEqual(['Import Failed']);
  });

  async function listen(): Promise<void> {
    const { Messages = [] } = await cloud.clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: told, MaxNumberOfMessages: 10 }),
    );
    heard.push(...Messages.map(({ Body }) => JSON.parse(Body!) as Told));
  }

  /** The detail of an event of this kind about an image, among those that were heard so far or come soon. */
  const hear = (type: string, image: string, code?: string) =>
    until(async () => {
      await listen();
      const about = ({ detail: { source } }: Told) =>
        `${source?.repository}:${source?.tag}`.startsWith(image);
      return heard.find(
        one => one['detail-type'] === type && about(one) && (code === undefined || one.detail.code === code),
      )?.detail;
    });

  const pushLarge = (tag: string) =>
    cloud.push('skopeo', `large:${tag}`, imageOfLayer(randomBytes(LAYER), tag));
});
