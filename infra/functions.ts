import { Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { TABLE } from '../lib/ledger/dynamodb/table.ts';
import type { WriteBudget } from '../lib/queue/write-budget.ts';
import type { Rule } from '../lib/rules/rule.ts';
import { acknowledgeResource } from './acknowledge.ts';
import { letAwsVouchFor } from './acr-trust.ts';
import { DeployedFunction, type FunctionSettings, type Use } from './deployed-function.ts';
import { TABLE_KEY_READS, TABLE_KEY_WRITES } from './ledger.ts';
import { ASSEMBLE_TIMEOUT, type Queues, SWEEP_TIMEOUT } from './queues.ts';
import { repositoryUses } from './repository-uses.ts';

export interface FunctionsProps {
  /** Whether some rule is for a registry in Azure. */
  readonly azure: boolean;
  readonly settings: FunctionSettings;
  readonly rules: readonly Rule[];
  readonly queues: Queues;
  readonly ledger: Table;
  readonly bus: IEventBus;
  readonly budget: WriteBudget;
  /** Between two runs of `due`. */
  readonly dueEvery: Duration;
}

export const KEY_SENDS = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/** The four functions, each with what it works with and no more. */
export class Functions extends Construct {
  /** Events to messages. */
  readonly receive: DeployedFunction;
  /** Messages to indexes: the only one that writes to a registry. */
  readonly assemble: DeployedFunction;
  /** What time alone changes. Has no right at a registry. */
  readonly due: DeployedFunction;
  /** What no event told. */
  readonly sweep: DeployedFunction;
  /** Off means paused. */
  readonly assembleMapping: EventSourceMapping;
  readonly #others: DeployedFunction[] = [];

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { azure, settings, rules, queues, ledger, bus, budget, dueEvery } = props;

    this.receive = new DeployedFunction(this, 'Receive', {
      ...settings,
      handler: 'receive',
      description: 'archweave: events of registries become messages',
      memorySize: 256,
      timeout: Duration.seconds(30),
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, sends(queues.work))
      .mayUseKey(...KEY_SENDS);
    this.receive.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: queues.inletDeadLetters.queueArn }) },
    });
    this.receive.may(sends(queues.inletDeadLetters));

    this.assemble = new DeployedFunction(this, 'Assemble', {
      ...settings,
      handler: 'assemble',
      bundle: azure ? 'assemble-azure' : undefined,
      description: 'archweave: puts members together and writes the index',
      memorySize: 512,
      timeout: ASSEMBLE_TIMEOUT,
      asksRegistries: true,
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, takes(queues.work))
      .use('DEAD_LETTERS_URL', queues.workDeadLetters.queueUrl, sends(queues.workDeadLetters))
      .use('LEDGER_TABLE', ledger.tableName, {
        // Its history is asked for before each write, to see whether somebody else writes the target too.
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        resources: [ledger.tableArn],
      })
      .use('EVENT_BUS', bus.eventBusArn, tells(bus))
      .use('WRITES_PER_SECOND', String(budget.writesPerSecond))
      .mayUseKey(...new Set([...KEY_SENDS, ...TABLE_KEY_WRITES]));
    grantRepositories(this.assemble, rules, [
      'ecr:BatchGetImage',
      'ecr:DescribeImages',
      'ecr:DescribeRepositories',
      'ecr:GetDownloadUrlForLayer',
      'ecr:PutImage',
    ]);
    this.assembleMapping = mapping(this, 'AssembleMapping', this.assemble, queues.work, {
      batchSize: 10,
      maxConcurrency: budget.runs,
    });

    this.due = new DeployedFunction(this, 'Due', {
      ...settings,
      handler: 'due',
      description: 'archweave: wakes what time alone changes',
      memorySize: 256,
      timeout: Duration.minutes(1),
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, sends(queues.work))
      .use(
        'LEDGER_TABLE',
        ledger.tableName,
        { actions: ['dynamodb:Query'], resources: [indexArn(ledger)] },
        { actions: ['dynamodb:UpdateItem'], resources: [ledger.tableArn] },
      )
      .use('DUE_EVERY_MS', String(dueEvery.toMilliseconds()))
      .mayUseKey(...new Set([...KEY_SENDS, ...TABLE_KEY_WRITES]));
    // The next run is never far, and does all that this one would have done.
    this.due.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: dueEvery });

    this.sweep = new DeployedFunction(this, 'Sweep', {
      ...settings,
      handler: 'sweep',
      bundle: azure ? 'sweep-azure' : undefined,
      description: 'archweave: finds what no event told',
      memorySize: 512,
      timeout: SWEEP_TIMEOUT,
      asksRegistries: true,
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, sends(queues.work))
      .use('SWEEP_QUEUE_URL', queues.sweep.queueUrl, sends(queues.sweep), takes(queues.sweep))
      .use('LEDGER_TABLE', ledger.tableName, {
        actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        resources: [ledger.tableArn],
      })
      .mayUseKey(...new Set([...KEY_SENDS, ...TABLE_KEY_READS, ...TABLE_KEY_WRITES]));
    grantRepositories(this.sweep, rules, ['ecr:BatchGetImage', 'ecr:DescribeImages']);
    if (rules.length > 0) grantListing(this.sweep);
    if (azure) letAwsVouchFor(this.assemble);
    if (azure) letAwsVouchFor(this.sweep, { readsOnly: true });
    mapping(this, 'SweepMapping', this.sweep, queues.sweep, { batchSize: 1, maxConcurrency: 2 });
  }

  get all(): readonly DeployedFunction[] {
    return [this.receive, this.assemble, this.due, this.sweep, ...this.#others];
  }

  /** Counts a function among those that are watched. */
  add<T extends DeployedFunction>(one: T): T {
    this.#others.push(one);
    return one;
  }
}

export function sends(queue: IQueue): Use {
  return { actions: ['sqs:SendMessage'], resources: [queue.queueArn] };
}

export function takes(queue: IQueue): Use {
  return {
    actions: [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    ],
    resources: [queue.queueArn],
  };
}

/** Puts events of our own on the bus, and none that look like somebody else's. */
export function tells({ eventBusArn }: IEventBus): Use {
  return {
    actions: ['events:PutEvents'],
    resources: [eventBusArn],
    conditions: { StringEquals: { 'events:source': 'archweave' } },
  };
}

function indexArn({ tableArn }: Table): string {
  return `${tableArn}/index/${TABLE.index.name}`;
}

function grantRepositories(to: DeployedFunction, rules: readonly Rule[], actions: readonly string[]): void {
  for (const { use, globs } of repositoryUses(to, rules, actions)) {
    to.may(use);
    for (const glob of globs)
      acknowledgeResource(to.role!, glob, "It is the operator's own glob, as archweave.yaml has it.");
  }
}

function grantListing(to: DeployedFunction): void {
  const stack = Stack.of(to);
  const all = stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' });
  to.may({ actions: ['ecr:DescribeRepositories'], resources: [all] });
  acknowledgeResource(
    to.role!,
    all,
    'It lists repositories: names and settings, nothing of what is in them.',
  );
}

export function mapping(
  scope: Construct,
  id: string,
  target: IFunction,
  queue: IQueue,
  options: { readonly batchSize: number; readonly maxConcurrency: number },
): EventSourceMapping {
  return new EventSourceMapping(scope, id, {
    target,
    eventSourceArn: queue.queueArn,
    reportBatchItemFailures: true,
    ...options,
  });
}
