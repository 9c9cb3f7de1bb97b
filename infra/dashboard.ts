import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  PeriodOverride,
  Row,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { deployedName } from './deployed-name.ts';
import type { Metrics } from './metrics.ts';
import { TROUBLE_NOW } from './saved-queries.ts';

export interface DashboardProps {
  readonly name: string;
  readonly metrics: Metrics;
  /** Of `assemble`. */
  readonly decisions: ILogGroup;
}

/** What people are promised: this long, from the last push to the index, for 99 of 100. */
const PROMISED_MS = 60_000;
const WIDTH = 24;

/** From what users feel down to why. Dashboards are one namespace for all Regions, so that the name has the Region. */
export function dashboard(
  scope: Construct,
  id: string,
  { name, metrics, decisions }: DashboardProps,
): Dashboard {
  const { own, deadLetters } = metrics;
  const graph = (title: string, width: number, left: GraphWidgetMetrics, more: object = {}) =>
    new GraphWidget({
      title,
      width,
      height: 6,
      left: [...left],
      leftYAxis: { min: 0, showUnits: false },
      ...more,
    });
  const rows: readonly (readonly IWidget[])[] = [
    [
      new SingleValueWidget({
        title: 'Last push to index, p99 ms',
        width: 6,
        height: 6,
        metrics: [metrics.pushToIndex],
        setPeriodToTimeRange: true,
      }),
      graph('Last push to index, p99 ms', 18, [metrics.pushToIndex], {
        leftAnnotations: [{ value: PROMISED_MS, label: 'promised' }],
      }),
    ],
    [
      graph(
        'Decisions',
        WIDTH,
        ['IndexPublished', 'IndexUnchanged', 'IndexWaiting', 'IndexHeld', 'IndexOverdue'].map(metric =>
          own(metric),
        ),
        { stacked: true },
      ),
    ],
    [
      graph('Oldest message, s', 12, [metrics.oldestWork]),
      graph(
        'Dead letters',
        12,
        [deadLetters.work, deadLetters.inlet, deadLetters.sweep].map((metric, at) =>
          metric.with({ label: ['work', 'inlet', 'sweep'][at]! }),
        ),
      ),
    ],
    [
      graph('PutImage, % of the quota', 8, [metrics.writeQuota], {
        leftAnnotations: [{ value: 80, label: 'alarm' }],
      }),
      graph('Registry', 8, [own('RegistryRequests'), own('RegistryThrottled'), own('DecideAgain')]),
      graph('Sweeps', 8, [metrics.sweeps, metrics.repaired]),
    ],
    ...(metrics.imports === undefined
      ? []
      : [
          [
            graph('Imports, bytes', 12, [metrics.imports.bytes]),
            graph('Imports that failed', 12, [metrics.imports.failed]),
          ],
        ]),
    [
      new LogQueryWidget({
        title: 'Held and waiting now',
        width: WIDTH,
        height: 8,
        view: LogQueryVisualizationType.TABLE,
        logGroupNames: [decisions.logGroupName],
        queryLines: [...TROUBLE_NOW],
      }),
    ],
    [new TextWidget({ width: WIDTH, height: 4, markdown: help() })],
  ];
  return new Dashboard(scope, id, {
    dashboardName: deployedName(scope, name, 'dashboard'),
    defaultInterval: Duration.days(1),
    periodOverride: PeriodOverride.AUTO,
    widgets: rows.map(row => [new Row(...row)]),
  });
}

type GraphWidgetMetrics = readonly Parameters<GraphWidget['addLeftMetric']>[0][];

function help(): string {
  return [
    'What each alarm means and what to do: docs/runbook.md, which the package carries.',
    '',
    '`archweave explain REF` why an index is there or not · `archweave plan` what would be written · ' +
      '`archweave aws redrive --dry-run` what is among the dead letters · `archweave aws pause` stop writing',
  ].join('\n');
}
