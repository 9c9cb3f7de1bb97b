import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ECRClient } from '@aws-sdk/client-ecr';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type Deployment, readDeployment } from '../../lib/deployment/deployment.ts';
import { aClone } from './a-clone.ts';
import { type Content, type SampleOptions, sampleImage, writeLayout } from './e2e-images.ts';
import { type Outcome, run, temporaryFolder, until, using } from './e2e-run.ts';
import { type RunningMinistack, startMinistack } from './ministack.ts';

/** An emulated AWS with a clone of the project, as an operator's terminal sees both. */
export interface Cloud {
  readonly ministack: RunningMinistack;
  readonly clone: string;
  readonly env: Readonly<Record<string, string>>;
  /** `127.0.0.1:PORT`, where clients of docker's protocol push. */
  readonly endpoint: string;
  /** The host of the account's registry, as references name it. */
  readonly registry: string;
  readonly clients: ReturnType<typeof clientsOf>;
  /** A line of a shell in the clone. */
  shell(line: string, timeout?: number): Promise<Outcome>;
  /** The program in the clone. */
  archweave(...args: readonly string[]): Promise<Outcome>;
  /** The same with other credentials in its environment. */
  archweaveAs(who: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Outcome>;
  /** What the stack says of itself. */
  deployment(): Promise<Deployment>;
  /** Runs a function and answers what it says; rejects where it fails. */
  invoke(name: string, event?: object): Promise<unknown>;
  /** An image of one architecture pushed by a client, as a builder does. */
  push(client: 'crane' | 'skopeo', reference: string, image: Content): Promise<void>;
  /** The bytes that a client is given. */
  raw(reference: string): Promise<string>;
  isThere(reference: string): Promise<boolean>;
  /** What happens meanwhile is announced to nobody. */
  withoutEvents(work: () => Promise<void>): Promise<void>;
  /** The event that ECR makes of a push to team/app. */
  eventOf(tag: string, digest?: string): object;
  /** Asks `explain` until it exits so; answers what it said, and rejects where it never does. */
  settle(reference: string, exit: number): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Milliseconds for one of CDK's commands on a machine that does much else. */
const CDK_PATIENCE = 120_000;

/** With `permissions` IAM is asked about every call; `test` is the account's root, which may do everything. */
export async function startCloud(
  name: string,
  config: string,
  options: { readonly permissions?: boolean } = {},
): Promise<Cloud> {
  const folder = temporaryFolder(name);
  const ministack = await startMinistack(options);
  const clone = aClone(folder.path);
  writeFileSync(join(clone, 'archweave.yaml'), config);
  const env = {
    ...{ AWS_ENDPOINT_URL: ministack.url, AWS_REGION: ministack.region, AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', CI: '1', HOME: folder.path },
    // CDK's own check of the template takes seconds to load; the tests of the template make a better one.
    CDK_VALIDATION: 'false',
    ...(ministack.ca !== undefined && { NODE_EXTRA_CA_CERTS: ministack.ca, AWS_CA_BUNDLE: ministack.ca }),
  };
  const clients = clientsOf(ministack);
  const endpoint = new URL(ministack.url).host;
  const shell = (line: string, timeout = CDK_PATIENCE) =>
    run('bash', ['-c', line], { cwd: clone, env, timeout });
  const archweaveAs = (who: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    run(join(clone, 'bin', 'archweave'), args, { cwd: clone, env: { ...env, ...who } });
  const archweave = (...args: readonly string[]) => archweaveAs({}, ...args);
  let layouts = 0;

  return {
    ...{ ministack, clone, env, endpoint, clients, shell, archweave, archweaveAs },
    registry: `${ministack.account}.dkr.ecr.${ministack.region}.amazonaws.com`,
    async deployment() {
      const input = { StackName: 'Archweave' };
      const { Stacks } = await clients.cloudFormation.send(new DescribeStacksCommand(input));
      const { Outputs = [], StackId = '' } = Stacks![0]!;
      const output = Outputs.find(({ OutputKey }) => OutputKey === 'Deployment');
      return readDeployment(output!.OutputValue!, input.StackName, StackId);
    },
    async invoke(FunctionName, event = {}) {
      const input = { FunctionName, Payload: new TextEncoder().encode(JSON.stringify(event)) };
      const { FunctionError, Payload } = await clients.lambda.send(new InvokeCommand(input));
      const text = new TextDecoder().decode(Payload);
      if (FunctionError !== undefined) throw new Error(`${FunctionName}: ${text}`);
      return text === '' ? undefined : JSON.parse(text);
    },
    async push(client, reference, image) {
      const layout = join(folder.path, `layout-${++layouts}`);
      writeLayout(layout, image);
      const target = `${endpoint}/${reference}`;
      if (client === 'crane') await using('crane', ['push', '--insecure', layout, target]);
      else
        await using('skopeo', [
          ...['copy', '--all', '--dest-tls-verify=false', `oci:${layout}:latest`, `docker://${target}`],
        ]);
    },
    raw: reference =>
      using('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${endpoint}/${reference}`]),
    async isThere(reference) {
      const { rc } = await run('skopeo', [
        ...['inspect', '--raw', '--tls-verify=false', `docker://${endpoint}/${reference}`],
      ]);
      return rc === 0;
    },
    async withoutEvents(work) {
      const { Rules = [] } = await clients.events.send(new ListRulesCommand({ NamePrefix: 'Archweave' }));
      const Name = Rules[0]!.Name!;
      await clients.events.send(new DisableRuleCommand({ Name }));
      await work();
      await clients.events.send(new EnableRuleCommand({ Name }));
    },
    eventOf: (tag, digest = `sha256:${'a'.repeat(64)}`) => ({
      ...{ version: '0', id: `event-${tag}`, source: 'aws.ecr', 'detail-type': 'ECR Image Action' },
      ...{
        account: ministack.account,
        region: ministack.region,
        resources: [],
        time: '2026-11-25T09:00:00Z',
      },
      detail: {
        ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': 'team/app', 'image-tag': tag },
        'image-digest': digest,
      },
    }),
    async settle(reference, exit) {
      let last: Outcome | undefined;
      const settled = await until(
        async () => {
          last = await archweave('explain', `prod/${reference}`);
          return last.rc === exit ? last : undefined;
        },
        { timeout: 30_000, every: 200 },
      );
      if (settled === undefined)
        throw new Error(`explain ${reference} exits ${last?.rc}, not ${exit}:\n${last?.out}${last?.err}`);
      return settled;
    },
    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      await ministack.stop();
      folder.remove();
    },
  };
}

/** An image of linux. */
export function linuxImage(architecture: string, options?: SampleOptions): Content {
  return sampleImage({ os: 'linux', architecture }, options);
}

function clientsOf({ url: endpoint, region }: RunningMinistack) {
  const settings = { endpoint, region, credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
  return {
    cloudFormation: new CloudFormationClient(settings),
    dynamo: new DynamoDBClient(settings),
    ecr: new ECRClient(settings),
    events: new EventBridgeClient(settings),
    lambda: new LambdaClient(settings),
    sqs: new SQSClient(settings),
  };
}
