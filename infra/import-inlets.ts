import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ImportRule, ImportTime } from '../lib/rules/import-rule.ts';
import { registryKind } from '../lib/rules/registry-identity.ts';

export interface ImportInletsProps {
  readonly imports: readonly ImportRule[];
  readonly intake: IFunction;
  readonly deadLetters: IQueue;
  /** Where our own events go. */
  readonly bus: IEventBus;
}

/** As many fit into a pattern; beyond, `import-intake` drops what no import wants. */
const MOST_BEGINNINGS = 30;

/** The rules that bring publications and pushes to `import-intake`, each only if some import waits for it. */
export function importInlets(
  scope: Construct,
  { imports, intake, deadLetters, bus }: ImportInletsProps,
): readonly Rule[] {
  const made: Rule[] = [];
  const inlet = (on: ImportTime['on'], id: string, what: string, patternOf: PatternOf, at?: IEventBus) => {
    const waiting = imports.filter(({ when, from }) => when.on === on && canTell(on, from.registry));
    if (waiting.length === 0) return;
    const rule = new Rule(scope, id, {
      description: `archweave: ${what} that imports wait for`,
      eventPattern: patternOf(beginningsOf(waiting)),
      ...(at && { eventBus: at }),
      targets: [
        new LambdaFunction(intake, {
          deadLetterQueue: deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
    made.push(rule);
  };
  inlet('published', 'Published', 'publications', published, bus);
  inlet('pushed', 'Pushed', 'pushes to ECR', pushed);
  return made;
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

/** Pushes are told by ECR alone; another registry is looked through as often as a sweep is made. */
function canTell(on: ImportTime['on'], registry: string): boolean {
  return on === 'published' || registryKind(registry) === 'ecr';
}

function beginningsOf(imports: readonly ImportRule[]) {
  const beginnings = [...new Set(imports.map(({ from }) => from.pattern.replace(/\*.*$/, '')))].toSorted();
  if (beginnings.includes('') || beginnings.length > MOST_BEGINNINGS) return undefined;
  return beginnings.map(prefix => ({ prefix }));
}
