import { Annotations, Duration, Stack, Tags } from 'aws-cdk-lib';
import type { Dashboard, IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable, type IManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { TABLE } from '../lib/ledger/dynamodb/table.ts';
import { WRITES_PER_SECOND, writeBudget } from '../lib/queue/write-budget.ts';
import { bundleConfig } from '../lib/rules/bundled-config.ts';
import { AcrWays } from './acr-ways.ts';
import { Alarms } from './alarms.ts';
import { checkCopies, checkSweep, checkWrites } from './check-props.ts';
import { dashboard } from './dashboard.ts';
import { checkName } from './deployed-name.ts';
import { letServicesUse } from './encryption.ts';
import { exampleOf } from './example.ts';
import { Functions } from './functions.ts';
import { grantImport } from './grant-import.ts';
import { Imports } from './imports.ts';
import { ecrInlet } from './inlet.ts';
import { ledgerTable, TABLE_KEY_READS } from './ledger.ts';
import { deploymentMetrics } from './metrics.ts';
import type { Network } from './network.ts';
import { Queues } from './queues.ts';
import { readConfig } from './read-config.ts';
import { saveQueries } from './save-queries.ts';
import { Schedules } from './schedules.ts';
import { rulesIn } from './served-rules.ts';
import { rulesOfStack } from './stack-rules.ts';
import { tell } from './tell.ts';

export interface ArchweaveProps {
  /** Path of archweave.yaml. Read, checked and bundled at synth; a mistake fails the synth with its line. */
  readonly config: string;
  /** Names the few things that must be known before deployment, roles among them. @default 'archweave' */
  readonly name?: string;
  /** How often everything is compared with the registries, from an hour to six days. @default Duration.hours(24) */
  readonly sweep?: Duration;
  /** Share of the account's PutImage rate that we may use, per second. @default 3 */
  readonly writesPerSecond?: number;
  /** Parts of images that imports copy at once; Lambda keeps so many of the account's executions for it. @default 20 */
  readonly copies?: number;
  /** Customer managed key for queues, ledger and logs. @default AWS-owned keys */
  readonly encryptionKey?: IKey;
  /** Alarms send here. @default alarms exist and tell nobody; synth warns */
  readonly alarmTopic?: ITopic;
  /** @default RetentionDays.THREE_MONTHS */
  readonly logRetention?: RetentionDays;
  /** Where Index Published and its kin go. @default the account's default bus */
  readonly eventBus?: IEventBus;
  /** Only for registries without a public address. @default none: a VPC means NAT at $0.045/GB */
  readonly network?: Network;
  /** For every role. @default none */
  readonly permissionsBoundary?: IManagedPolicy;
}

/** Between two looks at what time alone changes. */
const DUE_EVERY = Duration.minutes(5);

/**
 * Puts pushes of single-architecture images together into multi-architecture ones, for the registry of the stack's
 * account and Region, and for registries in Azure. What exists is decided by archweave.yaml.
 */
export class Archweave extends Construct {
  readonly receive: LambdaFunction;
  readonly assemble: LambdaFunction;
  /** Wakes what time alone changes. */
  readonly due: LambdaFunction;
  /** Finds what no event told. */
  readonly sweep: LambdaFunction;
  readonly work: IQueue;
  /** Of the work queue, of events and clocks, of sweeps, and of imports where there are any. */
  readonly deadLetters: readonly IQueue[];
  readonly ledger: Table;
  /** What brings events in. */
  readonly rules: readonly Rule[];
  /** How pushes of registries in Azure get here. */
  readonly azure: AcrWays | undefined;
  /** Copies one image an execution; left out where archweave.yaml has no imports for this stack. */
  readonly importer: StateMachine | undefined;
  readonly alarms: readonly IAlarm[];
  /** The alarm to wire to a pager: those of `alarms` that cannot wait. */
  readonly pager: IAlarm;
  readonly dashboard: Dashboard;
  readonly #bus: IEventBus;
  readonly #encryptionKey: IKey | undefined;
  readonly #imports: Imports | undefined;

  constructor(scope: Construct, id: string, props: ArchweaveProps) {
    super(scope, id);
    const { alarmTopic, encryptionKey, permissionsBoundary } = props;
    const name = checkName(props.name ?? 'archweave');
    const sweepEvery = checkSweep(props.sweep ?? Duration.hours(24));
    const budget = writeBudget(checkWrites(props.writesPerSecond ?? WRITES_PER_SECOND));
    const { config, file, warnings } = readConfig(props.config);
    const { rules, registries, imports } = rulesOfStack(this, config, file);
    const bundled = bundleConfig({ registries, rules, imports });
    if (warnings !== '') Annotations.of(this).addWarningV2('archweave:config', warnings);
    if (permissionsBoundary) PermissionsBoundary.of(this).apply(permissionsBoundary);
    if (encryptionKey) letServicesUse(encryptionKey, this);

    const queues = new Queues(this, 'Queues', { encryptionKey });
    const ledger = ledgerTable(this, 'Ledger', { encryptionKey });
    this.#encryptionKey = encryptionKey;
    this.#bus = props.eventBus ?? defaultBus(this);
    const settings = {
      name,
      config: bundled,
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      encryptionKey,
      network: props.network,
    };
    const inEcr = rulesIn('ECR', rules);
    const azure = rulesIn('Azure', rules).length > 0;
    const functions = new Functions(this, 'Functions', {
      azure,
      settings,
      rules: inEcr,
      queues,
      ledger,
      bus: this.#bus,
      budget,
      dueEvery: DUE_EVERY,
    });
    const inlets =
      inEcr.length === 0
        ? []
        : [
            ecrInlet(this, 'EcrInlet', {
              rules: inEcr,
              receive: functions.receive,
              deadLetters: queues.inletDeadLetters,
            }),
          ];
    const schedules = new Schedules(this, 'Schedules', {
      name,
      deadLetters: queues.inletDeadLetters,
      encryptionKey,
    });
    schedules.call('Due', functions.due, { every: DUE_EVERY });
    schedules.call('Sweep', functions.sweep, { every: sweepEvery, within: Duration.minutes(15) });

    this.azure = azure
      ? new AcrWays(this, 'Azure', { settings, registries, functions, queues, ledger, schedules })
      : undefined;

    this.#imports =
      imports.length > 0
        ? new Imports(this, 'Imports', {
            ...{ settings, imports, registries, functions, ledger, bus: this.#bus, schedules, sweepEvery },
            copies: checkCopies(props.copies ?? 20),
          })
        : undefined;
    this.importer = this.#imports?.machine;

    const metrics = deploymentMetrics({ name, functions, queues, ledger, inlets, imports: this.#imports });
    const alarms = new Alarms(this, 'Alarms', { name, metrics, sweep: sweepEvery, topic: alarmTopic });
    const decisions = functions.assemble.logGroup;
    saveQueries(this, 'Queries', { name, decisions });
    if (alarmTopic === undefined)
      Annotations.of(this).addWarningV2(
        'archweave:alarms',
        'The alarms tell nobody; give alarmTopic, or acknowledge this where something else watches them',
      );
    // On the functions alone, which have it in them: a change of it should not look like a change of everything.
    Tags.of(this).add('archweave:config', (JSON.parse(bundled) as { readonly sha: string }).sha, {
      includeResourceTypes: ['AWS::Lambda::Function'],
    });

    this.receive = functions.receive;
    this.assemble = functions.assemble;
    this.due = functions.due;
    this.sweep = functions.sweep;
    this.work = queues.work;
    this.deadLetters = [
      ...[queues.workDeadLetters, queues.inletDeadLetters, queues.sweepDeadLetters],
      ...(this.#imports ? [this.#imports.deadLetters] : []),
    ];
    this.ledger = ledger;
    this.rules = [...inlets, ...(this.#imports?.inlets ?? [])];
    this.alarms = alarms.all;
    this.pager = alarms.pager;
    this.dashboard = dashboard(this, 'Dashboard', { name, metrics, decisions });
    tell(this, {
      queues,
      functions,
      ledger,
      dashboard: this.dashboard,
      hooks: this.azure?.api?.attrApiEndpoint,
      imports: this.#imports,
      example: exampleOf({ registries, rules }),
    });
  }

  /** A rule for `Index Published`, ready for `addTarget`; of these repositories only, where they are named. */
  onIndexPublished(id: string, options: { readonly repository?: string[] } = {}): Rule {
    const { repository } = options;
    return this.#onOwnEvent(id, 'Index Published', repository && { repository });
  }

  /** A rule for `Index Held`, ready for `addTarget`: an index is not written until somebody does something. */
  onIndexHeld(id: string): Rule {
    return this.#onOwnEvent(id, 'Index Held');
  }

  /** Lets somebody ask `archweave explain` for the history of a reference: finding the deployment, reading its ledger. */
  grantReadLedger(grantee: IGrantable): Grant {
    this.#encryptionKey?.grant(grantee, ...TABLE_KEY_READS);
    Grant.addToPrincipal({
      grantee,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [Stack.of(this).stackId],
    });
    const { tableArn } = this.ledger;
    return Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'],
      resourceArns: [tableArn, `${tableArn}/index/${TABLE.index.name}`],
    });
  }

  /** Lets somebody begin imports by hand: an execution of `importer`, or a message for their queue (docs/imports.md). */
  grantImport(grantee: IGrantable): Grant {
    return grantImport(this.#imports, grantee, this.#encryptionKey);
  }

  #onOwnEvent(
    id: string,
    detailType: 'Index Published' | 'Index Held',
    detail?: Record<string, string[]>,
  ): Rule {
    return new Rule(this, id, {
      eventBus: this.#bus,
      description: `archweave: ${detailType}`,
      eventPattern: { source: ['archweave'], detailType: [detailType], ...(detail && { detail }) },
    });
  }
}

function defaultBus(scope: Construct): IEventBus {
  return EventBus.fromEventBusName(scope, 'Bus', 'default');
}
