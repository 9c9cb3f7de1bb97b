import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { bundleFunctions } from '../../functions/bundle/bundle-functions.ts';
import type { Digest } from '../../lib/image/digest.ts';
import { bundleConfig } from '../../lib/rules/bundled-config.ts';
import { loadConfig } from '../../lib/rules/load.ts';
import { openFakeAcr } from './acr-fake-client.ts';
import { listenToBus, makeQueue, recordsOf } from './aws-queues.ts';
import type { Content } from './e2e-images.ts';
import { type LambdaFunction, startFunction } from './lambda-function.ts';
import { makeLedgerTable } from './ledger-table.ts';
import { startMinistack } from './ministack.ts';
import { pushToMemory } from './push-to-memory.ts';

/** Who calls a hook: with a secret in a header, or with a token that API Gateway has checked already. */
export interface HookCall {
  readonly authorization?: string;
  readonly claims?: object;
  readonly method?: string;
  readonly headers?: object;
}

export type AzureFunctions = Awaited<ReturnType<typeof startAzureFunctions>>;

const REGION = 'us-east-1';
const HANDLERS = ['hook', 'authorize', 'poll', 'assemble-azure', 'sweep-azure'];
/** As whom the emulated STS vouches for everybody. */
const ROLE = { issuer: 'https://sts.amazonaws.com', subject: 'arn:aws:iam::000000000000:root' };

/**
 * The bundled functions of a deployment with registries in Azure, on an emulated AWS and against a fake of ACR and
 * Entra. `configure` gets what archweave.yaml has to name and answers its text.
 */
export async function startAzureFunctions(
  secretValue: string,
  configure: (names: { readonly identity: string; readonly secret: string }) => string,
) {
  const opened: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of opened.splice(0).toReversed()) await close();
  };
  try {
    return { ...(await start(secretValue, configure, opened)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  secretValue: string,
  configure: Parameters<typeof startAzureFunctions>[1],
  opened: (() => Promise<unknown>)[],
) {
  const stack = await startMinistack();
  opened.push(() => stack.stop());
  const acr = await openFakeAcr();
  opened.push(() => acr.stop());
  acr.fake.world.federated.push(ROLE);
  const folder = await mkdtemp(join(tmpdir(), 'archweave-azure-'));
  opened.push(() => rm(folder, { recursive: true }));
  await bundleFunctions(folder);
  const access = { AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const aws = { endpoint: stack.url, region: REGION, credentials };
  const sqs = new SQSClient(aws);
  const secrets = new SecretsManagerClient(aws);
  const made = await secrets.send(new CreateSecretCommand({ Name: 'hooks', SecretString: secretValue }));
  const { tenant, clientId } = acr.fake.world;
  const identity = `tenant: ${tenant}, clientId: ${clientId}`;
  const { config } = loadConfig(configure({ identity, secret: made.ARN! }), { file: 'archweave.yaml' });
  await writeFile(join(folder, 'config.json'), bundleConfig(config!));
  const urls = {
    work: await makeQueue(sqs, 'work.fifo'),
    dead: await makeQueue(sqs, 'dead.fifo'),
    sweep: await makeQueue(sqs, 'sweep'),
    told: await makeQueue(sqs, 'told'),
  };
  await listenToBus(new EventBridgeClient(aws), sqs, urls.told);
  await makeLedgerTable(new DynamoDBClient(aws), 'ledger');
  const environment = {
    ...acr.fake.env,
    ...access,
    // What a function has is its role; the application's secret is for people.
    AZURE_CLIENT_SECRET: '',
    AWS_ENDPOINT_URL: stack.url,
    ARCHWEAVE_ACCOUNT: '123456789012',
    WORK_QUEUE_URL: urls.work,
    DEAD_LETTERS_URL: urls.dead,
    SWEEP_QUEUE_URL: urls.sweep,
    LEDGER_TABLE: 'ledger',
    EVENT_BUS: 'told',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
  };
  const functions = new Map<string, LambdaFunction>();
  opened.push(() => Promise.all([...functions.values()].map(one => one.stop())));
  const restart = async (name: string) => {
    await functions.get(name)?.stop();
    functions.set(name, await startFunction(join(folder, `${name}.mjs`), environment));
  };
  for (const name of HANDLERS) await restart(name);

  const invoke = (name: string, event: unknown = {}) => functions.get(name)!.invoke(event);
  const messagesIn = async (url: string): Promise<readonly Message[]> => {
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const all = { MessageSystemAttributeNames: ['All' as const] };
    return (await sqs.send(new ReceiveMessageCommand({ ...input, ...all }))).Messages ?? [];
  };

  return {
    fake: acr.fake,
    secrets,
    secret: made.ARN!,
    urls,
    invoke,
    messagesIn,
    /** A function that starts anew: it has kept nothing. */
    restart,
    lines: (name: string) => functions.get(name)!.lines(),
    names: HANDLERS,
    push: (repository: string, tag: string, image: Content) =>
      pushToMemory(acr.registry, repository, tag, image),
    held: async (repository: string, tag: string): Promise<Digest | undefined> =>
      (await acr.registry.resolveReferences(repository, [tag])).get(tag),

    /** What API Gateway does: asks the authorizer where there is a header, and hands on what it said. */
    async gateway(
      name: string,
      body: Uint8Array,
      { authorization, claims, method = 'POST', headers = {} }: HookCall,
    ) {
      let authorizer: object | undefined = claims && { jwt: { claims } };
      if (claims === undefined && method === 'POST') {
        if (authorization === undefined) return { status: 401, body: {} };
        const verdict = (await invoke('authorize', { identitySource: [authorization] })) as {
          readonly isAuthorized: boolean;
          readonly context: object;
        };
        if (!verdict.isAuthorized) return { status: 403, body: {} };
        authorizer = { lambda: verdict.context };
      }
      const answer = (await invoke('hook', {
        rawPath: `/hooks/${name}`,
        headers: { 'content-type': 'application/json', ...headers },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
        requestContext: { http: { method }, authorizer },
      })) as { readonly statusCode: number; readonly headers: object; readonly body: string };
      return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) as object };
    },

    /** What the event source mapping does: a batch to the function, then off the queue. */
    async work(name = 'assemble-azure', url = urls.work) {
      const messages = await messagesIn(url);
      const { batchItemFailures } = (await invoke(name, recordsOf(messages))) as {
        readonly batchItemFailures: readonly unknown[];
      };
      for (const { ReceiptHandle } of messages)
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      return { taken: messages.length, failed: batchItemFailures.length };
    },

    async decisions() {
      const lines = await functions.get('assemble-azure')!.lines();
      return lines.flatMap(({ event, decision }) => (event === 'decision' ? [decision] : []));
    },
  };
}
