import { Annotations, Duration } from 'aws-cdk-lib';
import type { CfnApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { isAcrHost } from '../lib/rules/acr-host.ts';
import { POLL_EVERY } from '../lib/rules/acr-settings.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { AcrHooks } from './acr-hooks.ts';
import { letAwsVouchFor } from './acr-trust.ts';
import { DeployedFunction, type FunctionSettings } from './deployed-function.ts';
import { type Functions, KEY_SENDS, sends } from './functions.ts';
import { TABLE_KEY_READS, TABLE_KEY_WRITES } from './ledger.ts';
import type { Queues } from './queues.ts';
import type { Schedules } from './schedules.ts';

export interface AcrWaysProps {
  readonly settings: FunctionSettings;
  readonly registries: readonly BundledRegistry[];
  readonly functions: Functions;
  readonly queues: Queues;
  readonly ledger: Table;
  readonly schedules: Schedules;
}

/**
 * How pushes of registries in Azure get here: a clock that asks for the newest tags, and an HTTP API only if a
 * registry sends something.
 */
export class AcrWays extends Construct {
  /** Finds what is new among the newest tags; left out where every registry announces its pushes. */
  readonly poll?: DeployedFunction;
  /** Left out where no registry asks for a way in. */
  readonly api?: CfnApi;

  constructor(scope: Construct, id: string, props: AcrWaysProps) {
    super(scope, id);
    const { registries, functions } = props;
    const ours = registries.filter(({ host }) => isAcrHost(host));
    const polled = ours.filter(({ events = 'poll' }) => events === 'poll');
    if (polled.length > 0) this.poll = functions.add(this.#poll(polled, props));
    const sending = ours.filter(registry => !polled.includes(registry));
    if (sending.length === 0) return;
    const hooks = new AcrHooks(this, 'Hooks', { ...props, registries: sending });
    for (const one of hooks.functions) functions.add(one);
    this.api = hooks.api;
  }

  #poll(
    polled: readonly BundledRegistry[],
    { settings, queues, ledger, schedules }: AcrWaysProps,
  ): DeployedFunction {
    const shortest = Math.min(...polled.map(({ poll = POLL_EVERY }) => poll));
    const every = Duration.minutes(Math.max(1, Math.round(shortest / 60_000)));
    if (every.toMilliseconds() !== shortest)
      Annotations.of(this).addInfo(
        `Registries are polled every ${every.toHumanString()}: clocks count minutes`,
      );
    const poll = new DeployedFunction(this, 'Poll', {
      ...settings,
      handler: 'poll',
      description: 'archweave: finds what is new in registries that announce nothing here',
      memorySize: 512,
      timeout: Duration.seconds(50),
      asksRegistries: true,
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, sends(queues.work))
      .use('LEDGER_TABLE', ledger.tableName, {
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        resources: [ledger.tableArn],
      })
      .mayUseKey(...new Set([...KEY_SENDS, ...TABLE_KEY_READS, ...TABLE_KEY_WRITES]));
    letAwsVouchFor(poll, { readsOnly: true });
    // The next run is never far, and finds all that this one would have found.
    poll.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    schedules.call('Poll', poll, { every });
    return poll;
  }
}
