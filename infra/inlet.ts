import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Rule as IndexRule } from '../lib/rules/rule.ts';
import { eventPattern } from './event-pattern.ts';

/** Brings the events of ECR that a rule may want to `receive`. EventBridge tries for a day, then keeps them. */
export function ecrInlet(
  scope: Construct,
  id: string,
  props: { readonly rules: readonly IndexRule[]; readonly receive: IFunction; readonly deadLetters: IQueue },
): Rule {
  const { source, 'detail-type': detailType, detail } = eventPattern(props.rules);
  return new Rule(scope, id, {
    description: 'archweave: pushes and deletions in ECR',
    eventPattern: { source: [...source], detailType: [...detailType], detail },
    targets: [
      new LambdaFunction(props.receive, {
        deadLetterQueue: props.deadLetters,
        maxEventAge: Duration.hours(24),
        retryAttempts: 185,
      }),
    ],
  });
}
