import { GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { type ImportTask, importMessage } from '../../lib/messages/import-message.ts';
import { listenToBus, makeQueue } from './aws-queues.ts';
import { type Cloud, startCloud } from './deployed-stack.ts';
import { run, until } from './e2e-run.ts';
import { importExecutions } from './import-executions.ts';
import { importParts } from './import-parts.ts';

/** An event of archweave, as a rule of the bus hands it on. */
export interface ToldImport {
  readonly 'detail-type': string;
  readonly detail: {
    readonly code?: string;
    readonly source?: { readonly repository: string; readonly tag: string };
  };
}

export interface ImportsCloud extends Cloud {
  readonly states: SFNClient;
  readonly stateMachineArn: string;
  readonly executions: ReturnType<typeof importExecutions>;
  /** Names of the functions. */
  readonly copy: string;
  readonly intake: string;
  /** Puts a message into the queue of imports. */
  ask(task: ImportTask): Promise<void>;
  /** Messages in the queue of imports, those that are being looked at too. */
  waiting(): Promise<number>;
  /** How far each step of an image had come, in bytes. */
  parts(image: string): Promise<readonly number[]>;
  /** What a reference of any registry holds. */
  digest(reference: string): Promise<string | undefined>;
  /** The detail of an event of this kind about an image (its name, or how that begins), once it comes. */
  hear(type: string, image: string, code?: string): Promise<ToldImport['detail'] | undefined>;
  /** All events of imports so far. */
  heard(): Promise<readonly ToldImport[]>;
}

/** A deployment with imports on an emulated AWS; `slice` is about how many bytes a step sends. */
export async function startImportsCloud(name: string, config: string, slice: number): Promise<ImportsCloud> {
  const cloud = await startCloud(name, config);
  const { events, lambda, sqs } = cloud.clients;
  for (const line of ['npx cdk bootstrap', 'npx cdk deploy --require-approval never']) {
    const { rc, out, err } = await cloud.shell(line);
    if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
  }
  const told = await makeQueue(sqs, 'told');
  await listenToBus(events, sqs, told, 'default');
  const { url: endpoint, region } = cloud.ministack;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const states = new SFNClient({ endpoint, region, credentials });
  const configurationOf = (FunctionName: string) =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { receive } = await cloud.deployment();
  const [copy, intake] = ['copy', 'import-intake'].map(one => receive.replace('receive', one));
  const { STATE_MACHINE, IMPORT_QUEUE_URL: QueueUrl } = (await configurationOf(intake!)).Environment!
    .Variables!;
  const { Environment, LoggingConfig } = await configurationOf(copy!);
  const Variables = { ...Environment!.Variables, SLICE_BYTES: String(slice) };
  await lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: copy, Environment: { Variables } }),
  );
  const heardSoFar: ToldImport[] = [];

  async function heard(): Promise<readonly ToldImport[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: told, MaxNumberOfMessages: 10 }),
    );
    heardSoFar.push(...Messages.map(({ Body }) => JSON.parse(Body!) as ToldImport));
    return heardSoFar;
  }

  return {
    ...cloud,
    ...{ states, copy: copy!, intake: intake!, heard },
    stateMachineArn: STATE_MACHINE!,
    executions: importExecutions(states, STATE_MACHINE!),
    async ask(task) {
      const MessageBody = importMessage(task);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId: task.name }));
    },
    async waiting() {
      const input = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
      const { Attributes = {} } = await sqs.send(input);
      return (
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesNotVisible)
      );
    },
    parts: image => importParts(cloud.ministack, LoggingConfig!.LogGroup!, image),
    async digest(reference) {
      const { rc, out } = await run('crane', ['digest', '--insecure', reference]);
      return rc === 0 ? out.trim() : undefined;
    },
    hear: (type, image, code) =>
      until(async () => {
        const found = (await heard()).find(
          ({ 'detail-type': is, detail: { source, code: why } }) =>
            is === type &&
            `${source?.repository}:${source?.tag}`.startsWith(image) &&
            (code === undefined || code === why),
        );
        return found?.detail;
      }),
    async stop() {
      states.destroy();
      await cloud.stop();
    },
  };
}
