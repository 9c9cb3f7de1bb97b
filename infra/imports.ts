import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Rule as EventRule, IEventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  CustomerManagedEncryptionConfiguration,
  DefinitionBody,
  LogLevel,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { importMessage } from '../lib/messages/import-message.ts';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { fetchesItself } from '../lib/rules/fetches-itself.ts';
import type { ImportRule } from '../lib/rules/import-rule.ts';
import { acknowledge, acknowledgeResource } from './acknowledge.ts';
import { letAwsVouchFor } from './acr-trust.ts';
import { DeployedFunction, type FunctionSettings } from './deployed-function.ts';
import { deployedName } from './deployed-name.ts';
import { type Functions, KEY_SENDS, mapping, sends, takes, tells } from './functions.ts';
import { importInlets } from './import-inlets.ts';
import { INTAKE_TIMEOUT, importQueues } from './import-queues.ts';
import { importStates } from './import-states.ts';
import { grantCopies, grantLooks } from './import-uses.ts';
import { TABLE_KEY_READS, TABLE_KEY_WRITES } from './ledger.ts';
import { grantLogins } from './registry-logins.ts';
import type { Schedules } from './schedules.ts';

export interface ImportsProps {
  readonly settings: FunctionSettings;
  readonly imports: readonly ImportRule[];
  readonly registries: readonly BundledRegistry[];
  /** Steps that run at once, of all images together. */
  readonly copies: number;
  readonly functions: Functions;
  readonly ledger: Table;
  readonly bus: IEventBus;
  readonly schedules: Schedules;
  /** Between two looks at imports that wait for events. */
  readonly sweepEvery: Duration;
}

/** What copies images across registries: only there if archweave.yaml has imports that this stack runs. */
export class Imports extends Construct {
  /** Standard and fair: a large import keeps no other waiting. */
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  /** Events, clocks and messages to executions. */
  readonly intake: DeployedFunction;
  /** The steps of an execution: the only function that sends layers. */
  readonly copy: DeployedFunction;
  readonly machine: StateMachine;
  readonly inlets: readonly EventRule[];

  constructor(scope: Construct, id: string, props: ImportsProps) {
    super(scope, id);
    const { settings, imports, registries, copies, functions, ledger, bus, schedules, sweepEvery } = props;
    const { encryptionKey } = settings;
    const sources = imports.map(({ from }) => from.registry);
    const ends = [...sources, ...imports.map(({ to }) => to.registry)];
    const azure = ends.some(isAcrHost);
    const azureSources = sources.some(isAcrHost);
    const fetches = fetchesItself(imports, registries);
    const { queue, deadLetters } = importQueues(this, { encryptionKey });
    this.queue = queue;
    this.deadLetters = deadLetters;

    this.copy = new DeployedFunction(this, 'Copy', {
      ...settings,
      handler: 'copy',
      bundle: fetches ? 'copy-azure-arm' : azure ? 'copy-azure' : undefined,
      description: 'archweave: copies a part of an image',
      // One whole CPU, which is what a stream under TLS is bound by.
      memorySize: 1_769,
      timeout: Duration.minutes(15),
      asksRegistries: true,
      atOnce: copies,
    })
      .use('LEDGER_TABLE', ledger.tableName, {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
        resources: [ledger.tableArn],
      })
      .use('EVENT_BUS', bus.eventBusArn, tells(bus))
      .mayUseKey(...TABLE_KEY_WRITES);
    grantCopies(this.copy, imports);
    grantLogins(this.copy, ends, registries);
    if (azure) letAwsVouchFor(this.copy);

    this.machine = this.#machine(props, fetches);
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${machineName(this, settings.name)}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.intake = functions
      .add(
        new DeployedFunction(this, 'Intake', {
          ...settings,
          handler: 'import-intake',
          bundle: azureSources ? 'import-intake-azure' : undefined,
          description: 'archweave: starts the copy of an image',
          memorySize: 512,
          timeout: INTAKE_TIMEOUT,
          asksRegistries: true,
        }),
      )
      .use('IMPORT_QUEUE_URL', queue.queueUrl, sends(queue), takes(queue))
      .use(
        'STATE_MACHINE',
        this.machine.stateMachineArn,
        { actions: ['states:StartExecution'], resources: [this.machine.stateMachineArn] },
        { actions: ['states:DescribeExecution'], resources: [executions] },
      )
      .use('LEDGER_TABLE', ledger.tableName, {
        actions: ['dynamodb:GetItem'],
        resources: [ledger.tableArn],
      })
      .use('EVENT_BUS', bus.eventBusArn, tells(bus))
      .mayUseKey(...new Set([...KEY_SENDS, ...TABLE_KEY_READS]));
    acknowledgeResource(
      this.intake.role!,
      executions,
      'Executions of this state machine alone, whose names are made when they start.',
    );
    grantLooks(this.intake, imports);
    grantLogins(this.intake, sources, registries);
    if (azureSources) letAwsVouchFor(this.intake, { readsOnly: true });
    this.intake.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
    });
    this.intake.may(sends(deadLetters));
    mapping(this, 'IntakeMapping', this.intake, queue, { batchSize: 10, maxConcurrency: 2 });

    this.inlets = importInlets(this, {
      ...{ imports, intake: this.intake, deadLetters, bus, machine: this.machine },
    });
    for (const { name, when } of imports) {
      if (when.on === 'manual') continue;
      const every =
        when.on === 'schedule' ? Duration.minutes(Math.max(1, Math.round(when.every / 60_000))) : sweepEvery;
      schedules.call(`Import-${name.replaceAll(/[^A-Za-z0-9]/g, '')}`, this.intake, {
        every,
        within: Duration.minutes(Math.min(15, Math.max(1, Math.floor(every.toMinutes() / 4)))),
        input: JSON.parse(importMessage({ name })) as object,
      });
    }
  }

  #machine(
    { settings: { name, logRetention, encryptionKey } }: ImportsProps,
    fetches: boolean,
  ): StateMachine {
    const role = new Role(this, 'MachineRole', {
      roleName: machineName(this, name),
      description: 'What an import of archweave may do',
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.copy.functionArn] }),
    );
    acknowledge(role, {
      'AwsSolutions-IAM5[Resource::*]':
        'Delivery of logs and X-Ray take no other resource; it is the statement that AWS asks for.',
    });
    const logs = new LogGroup(this, 'MachineLog', {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    return new StateMachine(this, 'Machine', {
      stateMachineName: machineName(this, name),
      comment: 'archweave: copies one image',
      definitionBody: DefinitionBody.fromString(
        Stack.of(this).toJsonString(importStates(this.copy.functionArn, { fetches })),
      ),
      role,
      // Addresses of uploads may have a token in them: they are not for logs.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
      ...(encryptionKey && {
        encryptionConfiguration: new CustomerManagedEncryptionConfiguration(encryptionKey),
      }),
    });
  }
}

function machineName(scope: Construct, name: string): string {
  return deployedName(scope, name, 'import');
}
