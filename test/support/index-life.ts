import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFunctions } from '../../functions/bundle/bundle-functions.ts';
import { wakeUpsOf } from '../../lib/assembly/wake-up.ts';
import { parseEcr } from '../../lib/events/parse-ecr.ts';
import { wakeUpMessage } from '../../lib/messages/wake-up-message.ts';
import { bundleConfig } from '../../lib/rules/bundled-config.ts';
import type { Rule } from '../../lib/rules/rule.ts';
import { type AwsCall, type AwsStub, type StubMessage, startAwsStub } from './aws-stub.ts';
import { sampleImage } from './e2e-images.ts';
import { type EcrFake, startEcrFake } from './ecr-fake.ts';
import { ecrClient, pushToEcr } from './ecr-fake-push.ts';
import { type LambdaFunction, startFunction } from './lambda-function.ts';
import { ruleOf } from './rule.ts';

/** How often each call was made, as `ECR.PutImage`. */
export type CallCounts = Readonly<Record<string, number>>;

export interface CountedStep {
  readonly step: string;
  /** Of the pass alone; what `receive` calls is in `receive`. */
  readonly assemble: CallCounts;
  readonly receive: CallCounts;
  readonly calls: readonly AwsCall[];
  /** Bytes that both functions logged. */
  readonly logged: number;
}

export interface IndexLives {
  /** The whole life of an index of two members: two pushes, the look after the own push, and one of the later ones. */
  live(version: string, options?: { readonly coldLastPush?: boolean }): Promise<readonly CountedStep[]>;
  stop(): Promise<void>;
}

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const REPOSITORY = 'team/app';
const MEMBERS = [
  ['amd64', 'first push'],
  ['arm64', 'last push'],
] as const;

/** The bundled functions in processes of their own, with a fake of ECR and stubs of all else, to count what they call. */
export async function startIndexLives(): Promise<IndexLives> {
  const folder = await mkdtemp(join(tmpdir(), 'archweave-life-'));
  await bundleFunctions(folder);
  const rules = [ruleOf('ecr', { name: 'apps' })];
  const config = bundleConfig({ registries: [{ name: 'prod', host: 'ecr' }], rules });
  await writeFile(join(folder, 'config.json'), config);
  const fake = await startEcrFake({ account: ACCOUNT, region: REGION });
  const stub = await startAwsStub();
  const environment = lifeEnvironment(fake, stub);
  const start = (name: string) => startFunction(join(folder, `${name}.mjs`), environment);
  const functions = { receive: await start('receive'), assemble: await start('assemble') };
  const ecr = ecrClient(fake);

  /** What one push leads to: its event, the message of that, and the pass. */
  const follow = async (step: string, tag: string, digest: string): Promise<CountedStep> => {
    const before = await logged(functions);
    const counted = countFrom(fake, stub);
    await functions.receive.invoke(eventOf(tag, digest));
    const receive = counted();
    await functions.assemble.invoke(batchOf(stub));
    const assemble = counted();
    const calls = [...receive, ...assemble].flatMap(call => (call.service === 'ECR' ? [] : [call]));
    const bytes = (await logged(functions)) - before;
    return { step, receive: tally(receive), assemble: tally(assemble), calls, logged: bytes };
  };

  return {
    async live(version, { coldLastPush = false } = {}) {
      const steps: CountedStep[] = [];
      for (const [architecture, step] of MEMBERS) {
        const image = sampleImage({ os: 'linux', architecture }, { text: version, build: version });
        const tag = `${version}-${architecture}`;
        await pushToEcr(ecr, REPOSITORY, tag, image);
        if (coldLastPush && step === 'last push') {
          await functions.assemble.stop();
          functions.assemble = await start('assemble');
        }
        steps.push(await follow(step, tag, image.digest));
      }
      const made = fake.storage.manifests.resolve(REPOSITORY, version);
      if (made === undefined) throw new Error(`no index was made of ${version}`);
      steps.push(await follow('own push', version, made.digest));
      // What `due` asks for is the same message that an event of the target's would make.
      steps.push(await follow('later look', version, made.digest));
      return steps;
    },
    async stop() {
      ecr.destroy();
      for (const one of Object.values(functions)) await one.stop();
      await fake.stop();
      await stub.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** What Lambda gives the functions, with fake and stub in the places of AWS. */
export function lifeEnvironment(fake: Pick<EcrFake, 'endpoint'>, stub: Pick<AwsStub, 'url'>) {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: stub.url,
    AWS_ENDPOINT_URL_ECR: fake.endpoint,
    ARCHWEAVE_ACCOUNT: ACCOUNT,
    // The SDK sends to the address of the queue, wherever that is.
    WORK_QUEUE_URL: workQueue(stub),
    DEAD_LETTERS_URL: `${stub.url}/${ACCOUNT}/dead.fifo`,
    LEDGER_TABLE: 'ledger',
    EVENT_BUS: 'default',
  };
}

function workQueue({ url }: Pick<AwsStub, 'url'>): string {
  return `${url}/${ACCOUNT}/work.fifo`;
}

export function eventOf(tag: string, digest: string) {
  return {
    ...{ version: '0', id: `event-${tag}`, source: 'aws.ecr', 'detail-type': 'ECR Image Action' },
    ...{ account: ACCOUNT, region: REGION, time: new Date().toISOString(), resources: [] },
    detail: {
      ...{ result: 'SUCCESS', 'action-type': 'PUSH', 'repository-name': REPOSITORY },
      ...{ 'image-tag': tag, 'image-digest': digest },
    },
  };
}

/** The message that `receive` makes of a push, as Lambda's mapping hands it over. */
export function wakeUpOf(tag: string, digest: string, rules: readonly Rule[]) {
  const { pushes } = parseEcr(eventOf(tag, digest));
  const [wakeUp] = wakeUpsOf(pushes[0]!, rules);
  const { body, group } = wakeUpMessage(wakeUp!, 0, rules);
  return recordsOf([{ id: tag, body, group }]);
}

/** What waits in the work queue, as Lambda's mapping hands it over. */
export function batchOf(stub: Pick<AwsStub, 'take' | 'url'>) {
  return recordsOf(stub.take(workQueue(stub)));
}

function recordsOf(messages: readonly StubMessage[]) {
  return {
    Records: messages.map(({ id, body, group }) => ({
      messageId: id,
      receiptHandle: id,
      body,
      attributes: { MessageGroupId: group, ApproximateReceiveCount: '1' },
    })),
  };
}

type AnyCall = AwsCall | { readonly service: 'ECR'; readonly operation: string };

/** Answers each time what was called since the last time. */
function countFrom(fake: EcrFake, stub: AwsStub): () => readonly AnyCall[] {
  let seen = { ecr: fake.calls.length, others: stub.calls.length };
  return () => {
    const ecr = fake.calls.slice(seen.ecr).map(({ operation }) => ({ service: 'ECR' as const, operation }));
    const others = stub.calls.slice(seen.others);
    seen = { ecr: fake.calls.length, others: stub.calls.length };
    return [...ecr, ...others];
  };
}

function tally(calls: readonly AnyCall[]): CallCounts {
  const counts: Record<string, number> = {};
  for (const { service, operation } of calls) {
    const name = `${service}.${operation}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

async function logged(functions: Readonly<Record<string, LambdaFunction>>): Promise<number> {
  const written = await Promise.all(Object.values(functions).map(one => one.written()));
  return written.reduce((sum, bytes) => sum + bytes, 0);
}
