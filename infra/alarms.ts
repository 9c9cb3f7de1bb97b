import type { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarm,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Metrics } from './metrics.ts';

export interface AlarmsProps {
  readonly name: string;
  readonly metrics: Metrics;
  /** Between two sweeps. */
  readonly sweep: Duration;
  readonly topic?: ITopic | undefined;
}

interface Watch {
  /** Ends the alarm's name, and is the heading in docs/runbook.md. */
  readonly id: string;
  readonly means: string;
  readonly metric: IMetric;
  readonly above: number;
  /** Periods in a row; 1 where left out. */
  readonly periods?: number;
}

const HOUR = 60;
/** CloudWatch looks back seven days at most. */
const LONGEST_SWEEP_WATCH = 7 * 24;

/** What a person is told of. A team's mislabelled image is not here: `Index Held` goes to its owner, as an event. */
export class Alarms extends Construct {
  readonly all: readonly IAlarm[];
  /** Those that a person should get up for, in one. It sends nothing by itself, lest everything came twice. */
  readonly pager: CompositeAlarm;
  readonly #props: AlarmsProps;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    const { metrics, name } = props;
    const urgent = [
      this.#watch({
        id: 'work-dead-letters',
        means: 'A group was given up: its index is not what it should be.',
        metric: metrics.deadLetters.work,
        above: 0,
      }),
      this.#watch({
        id: 'inlet-dead-letters',
        means: 'Events or calls of a clock were not taken.',
        metric: metrics.deadLetters.inlet,
        above: 0,
      }),
      this.#watch({
        id: 'work-waits',
        means: 'The oldest message waits for more than ten minutes: stuck, paused or throttled.',
        metric: metrics.oldestWork,
        above: 600,
        periods: 3,
      }),
      this.#missingSweep(),
    ];
    const others: readonly Watch[] = [
      {
        id: 'sweep-dead-letters',
        means: 'A repository could not be swept.',
        metric: metrics.deadLetters.sweep,
        above: 0,
      },
      {
        id: 'errors',
        means: 'A function crashed; that is never a decision.',
        metric: metrics.errors,
        above: 0,
        periods: 3,
      },
      {
        id: 'throttles',
        means: "Lambda did not run a function: the account's concurrency is used up.",
        metric: metrics.throttles,
        above: 0,
        periods: 3,
      },
      {
        id: 'slow',
        means: 'One run of assemble in a hundred needs more than 24 of its 30 seconds.',
        metric: metrics.assembleMs,
        above: 24_000,
        periods: 3,
      },
      {
        id: 'events-late',
        means: 'An event waited for a minute before receive took it.',
        metric: metrics.eventAge,
        above: 60_000,
      },
      {
        id: 'events-dropped',
        means: 'Lambda gave up an event, or could not put it among the dead letters.',
        metric: metrics.eventsDropped,
        above: 0,
      },
      ...(metrics.eventsRefused === undefined
        ? []
        : [
            {
              id: 'events-refused',
              means: 'EventBridge may not call receive, or not write to the dead letters.',
              metric: metrics.eventsRefused,
              above: 0,
            },
          ]),
      {
        id: 'events-lost',
        means: 'A sweep found more than ten indexes in a day that no event had led to.',
        metric: metrics.repaired,
        above: 10,
      },
      {
        id: 'write-quota',
        means: "PutImage is above 80 % of the account's quota, which is everybody's.",
        metric: metrics.writeQuota,
        above: 80,
        periods: 5,
      },
      {
        id: 'registry-throttles',
        means: 'The registry asked to slow down more than fifty times in five minutes.',
        metric: metrics.registryThrottled,
        above: 50,
        periods: 3,
      },
      ...(metrics.imports === undefined
        ? []
        : [
            {
              id: 'import-failed',
              means: 'An image could not be copied; Import Failed says which, and why.',
              metric: metrics.imports.failed,
              above: 0,
            },
            {
              id: 'import-dead-letters',
              means: 'What imports should have looked at was not taken.',
              metric: metrics.imports.deadLetters,
              above: 0,
            },
          ]),
      {
        id: 'ledger',
        means: 'DynamoDB fails or throttles.',
        metric: metrics.ledgerTrouble,
        above: 0,
        periods: 3,
      },
    ];
    this.all = [...urgent, ...others.map(watch => this.#watch(watch))];
    this.pager = new CompositeAlarm(this, 'pager', {
      compositeAlarmName: `${name}-pager`,
      alarmDescription: described(
        'pager',
        'Indexes are missing, or soon will be. The one to wire to a pager.',
      ),
      alarmRule: AlarmRule.anyOf(...urgent),
    });
  }

  /** Watches one metric: anything above the threshold alarms, and no data is good news. */
  #watch({ id, means, metric, above, periods = 1 }: Watch): Alarm {
    return this.#add(
      new Alarm(this, id, {
        alarmName: `${this.#props.name}-${id}`,
        alarmDescription: described(id, means),
        metric,
        threshold: above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    );
  }

  /** The one alarm for which silence is the trouble. Two hours more than a sweep's interval, hour by hour. */
  #missingSweep(): Alarm {
    const { metrics, name, sweep } = this.#props;
    const hours = Math.min(LONGEST_SWEEP_WATCH, Math.ceil(sweep.toMinutes() / HOUR) + 2);
    const id = 'no-sweep';
    return this.#add(
      new Alarm(this, id, {
        alarmName: `${name}-${id}`,
        alarmDescription: described(id, 'No sweep came to its end: what events lost stays lost.'),
        metric: metrics.sweeps,
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: hours,
        treatMissingData: TreatMissingData.BREACHING,
      }),
    );
  }

  #add(alarm: Alarm): Alarm {
    const { topic } = this.#props;
    if (topic) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

function described(id: string, means: string): string {
  return `${means} What to do: docs/runbook.md#${id}`;
}
