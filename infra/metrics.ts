import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Functions } from './functions.ts';
import type { Imports } from './imports.ts';
import type { Queues } from './queues.ts';

const MINUTE = Duration.minutes(1);
const FIVE = Duration.minutes(5);

export interface MetricsOptions {
  readonly name: string;
  readonly functions: Functions;
  readonly queues: Queues;
  readonly ledger: Table;
  readonly inlets: readonly Rule[];
  readonly imports?: Imports | undefined;
}

/** The operations that the functions use on the ledger. */
const LEDGER_OPERATIONS = ['GetItem', 'PutItem', 'Query', 'UpdateItem'] as const;

export type Metrics = ReturnType<typeof deploymentMetrics>;

/** What alarms and the dashboard look at, each once. */
export function deploymentMetrics({ name, functions, queues, ledger, inlets, imports }: MetricsOptions) {
  const { receive, assemble } = functions;
  /** Our own numbers: one dimension, or every repository would cost. */
  const own = (metricName: string, statistic: string = Stats.SUM, period = FIVE) =>
    new Metric({ namespace: 'Archweave', metricName, dimensionsMap: { Service: name }, statistic, period });
  const visible = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: MINUTE });
  const ofAll = (metricOf: (handler: IFunction) => IMetric, label: string) =>
    sumOf(functions.all.map(metricOf), label);
  const ofReceive = (metricName: string, statistic: string = Stats.SUM) =>
    receive.metric(metricName, { statistic, period: FIVE });
  const ofInlets = ['FailedInvocations', 'InvocationsFailedToBeSentToDlq'].flatMap(metricName =>
    inlets.map(
      ({ ruleName }) =>
        new Metric({
          namespace: 'AWS/Events',
          metricName,
          dimensionsMap: { RuleName: ruleName },
          statistic: Stats.SUM,
          period: FIVE,
        }),
    ),
  );
  const ofLedger = ['SystemErrors', 'ThrottledRequests'].flatMap(metricName =>
    LEDGER_OPERATIONS.map(
      Operation =>
        new Metric({
          namespace: 'AWS/DynamoDB',
          metricName,
          dimensionsMap: { TableName: ledger.tableName, Operation },
          statistic: Stats.SUM,
          period: FIVE,
        }),
    ),
  );
  const putImage = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'CallCount',
    dimensionsMap: { Service: 'ECR', Type: 'API', Resource: 'PutImage', Class: 'None' },
    statistic: Stats.SUM,
    period: MINUTE,
  });

  return {
    own,
    deadLetters: {
      work: visible(queues.workDeadLetters),
      inlet: visible(queues.inletDeadLetters),
      sweep: visible(queues.sweepDeadLetters),
    },
    oldestWork: queues.work.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: MINUTE }),
    errors: ofAll(handler => handler.metricErrors({ period: FIVE }), 'Errors'),
    throttles: ofAll(handler => handler.metricThrottles({ period: FIVE }), 'Throttles'),
    assembleMs: assemble.metricDuration({ statistic: Stats.percentile(99), period: FIVE }),
    eventAge: ofReceive('AsyncEventAge', Stats.MAXIMUM),
    eventsDropped: sumOf(
      ['AsyncEventsDropped', 'DestinationDeliveryFailures'].map(metricName => ofReceive(metricName)),
      'Events dropped',
    ),
    /** None where no event of ECR is wanted. */
    eventsRefused: ofInlets.length === 0 ? undefined : sumOf(ofInlets, 'Events refused'),
    sweeps: own('SweepCompleted', Stats.SUM, Duration.hours(1)),
    repaired: own('SweepRepaired', Stats.SUM, Duration.days(1)),
    /** None where nothing is imported. */
    imports: imports && {
      failed: sumOf(
        [
          imports.machine.metricFailed({ statistic: Stats.SUM, period: FIVE }),
          imports.machine.metricTimedOut({ statistic: Stats.SUM, period: FIVE }),
        ],
        'Imports failed',
      ),
      deadLetters: visible(imports.deadLetters),
      bytes: own('BytesCopied'),
    },
    registryThrottled: own('RegistryThrottled'),
    pushToIndex: own('PushToIndexMs', Stats.percentile(99)).with({ unit: Unit.MILLISECONDS }),
    ledgerTrouble: sumOf(ofLedger, 'Ledger'),
    putImage,
    writeQuota: new MathExpression({
      expression: '(calls / 60) / SERVICE_QUOTA(calls) * 100',
      usingMetrics: { calls: putImage },
      label: 'PutImage, % of the quota',
      period: MINUTE,
    }),
  };
}

function sumOf(metrics: readonly IMetric[], label: string, period = FIVE): MathExpression {
  const named = metrics.map((metric, at) => [`m${at}`, metric] as const);
  return new MathExpression({
    expression: `SUM([${named.map(([key]) => `FILL(${key}, 0)`).join(', ')}])`,
    usingMetrics: Object.fromEntries(named),
    label,
    period,
  });
}
