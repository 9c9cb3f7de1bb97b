import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { FAILED_STATUSES } from '../lib/messages/execution-outcome.ts';
import type { ImportRule, ImportTime } from '../lib/rules/import-rule.ts';
import { registryKind } from '../lib/rules/registry-identity.ts';

export interface ImportInletsProps {
  readonly imports: readonly ImportRule[];
  readonly intake: IFunction;
  readonly deadLetters: IQueue;
  /** Where our own events go. */
  readonly bus: IEventBus;
  readonly machine: IStateMachine;
}

/** As many fit into a pattern; beyond, `import-intake` drops what no import wants. */
const MOST_BEGINNINGS = 30;

/**
 * The rules that bring events to `import-intake`: publications and pushes, each only if some import waits for it, and
 * executions that end without having copied anything.
 */
export function importInlets(
  scope: Construct,
  { imports, intake, deadLetters, bus, machine }: ImportInletsProps,
): readonly Rule[] {
  const inlet = (id: string, what: string, eventPattern: EventPattern, eventBus?: IEventBus): Rule =>
    new Rule(scope, id, {
      description: `archweave: ${what}`,
      eventPattern,
      ...(eventBus && { eventBus }),
      targets: [
        new LambdaFunction(intake, {
          deadLetterQueue: deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  const waitingFor = (on: ImportTime['on']) =>
    imports.filter(({ when, from }) => when.on === on && canTell(on, from.registry));
  const [onPublication, onPush] = [waitingFor('published'), waitingFor('pushed')];
  return [
    ...(onPublication.length === 0
      ? []
      : [
          inlet(
            'Published',
            'publications that imports wait for',
            published(beginningsOf(onPublication)),
            bus,
          ),
        ]),
    ...(onPush.length === 0
      ? []
      : [inlet('Pushed', 'pushes to ECR that imports wait for', pushed(beginningsOf(onPush)))]),
    // Step Functions tells the default bus and no other.
    inlet('Ended', 'imports that end without having copied anything', ended(machine)),
  ];
}

type PatternOf = (repositories: readonly { readonly prefix: string }[] | undefined) => EventPattern;

const published: PatternOf = repositories => ({
  source: ['archweave'],
  detailType: ['Index Published'],
  ...(repositories && { detail: { repository: [...repositories] } }),
});

const pushed: PatternOf = repositories => ({
  source: ['aws.ecr'],
  detailType: ['ECR Image Action'],
  detail: {
    'action-type': ['PUSH'],
    result: ['SUCCESS'],
    'image-tag': [{ 'anything-but': [''] }],
    ...(repositories && { 'repository-name': [...repositories] }),
  },
});

/** One that has told it itself is left alone by `import-intake`: the event does not always have the reason. */
const ended = ({ stateMachineArn }: IStateMachine): EventPattern => ({
  source: ['aws.states'],
  detailType: ['Step Functions Execution Status Change'],
  detail: { status: [...FAILED_STATUSES], stateMachineArn: [stateMachineArn] },
});

/** Pushes are told by ECR alone; another registry is looked through as often as a sweep is made. */
function canTell(on: ImportTime['on'], registry: string): boolean {
  return on === 'published' || registryKind(registry) === 'ecr';
}

function beginningsOf(imports: readonly ImportRule[]) {
  const beginnings = [...new Set(imports.map(({ from }) => from.pattern.replace(/\*.*$/, '')))].toSorted();
  if (beginnings.includes('') || beginnings.length > MOST_BEGINNINGS) return undefined;
  return beginnings.map(prefix => ({ prefix }));
}
