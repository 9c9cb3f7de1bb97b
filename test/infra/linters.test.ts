import { beforeAll, describe, expect, it } from '@jest/globals';
import { Duration, Validations } from 'aws-cdk-lib';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { cfnLint } from '../support/cfn-lint.ts';
import { describeWith } from '../support/tools.ts';
import { aStack, ENV, makeHandlers, quiet, RECOMMENDED_FLAGS } from './a-stack.ts';

beforeAll(makeHandlers);

describe('cdk-nag, with its pack for AWS', () => {
  const nagged = (context = {}) =>
    aStack({
      context,
      props: quiet,
      prepare: app => Validations.of(app).addPlugins(new AwsSolutionsChecks(app)),
    });

  it.each([
    ['no feature flags', {}],
    ['all feature flags of a new app', RECOMMENDED_FLAGS],
  ])('finds nothing that is not argued for, with %s', (_, context) => {
    const { app } = nagged(context);
    app.synth();
  });

  it('finds what stands beside it', () => {
    const { app, stack } = nagged();
    new Queue(stack, 'Plain');
    const told = (() => {
      try {
        return String(app.synth());
      } catch (error) {
        return String(error);
      }
    })();
    expect(told).toContain('AwsSolutions-SQS4');
    expect(new Set(told.match(/Images\/[\w/]+/g))).toEqual(new Set(['Images/Plain/Resource']));
  });

  it('is answered where it is wrong, each time with a reason', () => {
    const { stack } = aStack();
    const answered = stack.node
      .findAll()
      .flatMap(construct =>
        construct.node.metadata
          .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
          .flatMap(({ data }) =>
            Object.entries(data as Record<string, unknown>).map(([rule, reason]) => [
              construct.node.path,
              rule,
              reason,
            ]),
          ),
      );
    const repository = 'arn:<AWS::Partition>:ecr:eu-west-1:123456789012:repository';
    expect(
      answered.map(([path, rule]) => `${path} ${String(rule).replace('Annotation::', '')}`).toSorted(),
    ).toEqual(
      [
        `Images/Archweave/Functions/AssembleRole AwsSolutions-IAM5[Resource::${repository}/team/*]`,
        `Images/Archweave/Functions/SweepRole AwsSolutions-IAM5[Resource::${repository}/*]`,
        `Images/Archweave/Functions/SweepRole AwsSolutions-IAM5[Resource::${repository}/team/*]`,
        'Images/Archweave/Queues/InletDeadLetters AwsSolutions-SQS3',
      ].toSorted(),
    );
    for (const [, , reason] of answered) expect(String(reason).length).toBeGreaterThan(30);
  });
});

describeWith(['python3'], 'cfn-lint', () => {
  const everything = () =>
    aStack({
      props: stack => ({
        encryptionKey: new Key(stack, 'Key'),
        alarmTopic: new Topic(stack, 'Topic'),
        eventBus: new EventBus(stack, 'Bus') as IEventBus,
        sweep: Duration.hours(6),
      }),
    });

  it.each([
    ['nothing but a configuration', () => aStack()],
    ['every option', everything],
    ['an account and Region that are known later', () => aStack({ env: undefined })],
  ])(
    'finds nothing in a stack with %s',
    async (_, make) => {
      const { app, stack } = make();
      const { templateFullPath } = app.synth().getStackByName(stack.stackName);
      expect(await cfnLint(templateFullPath, ENV.region)).toEqual([]);
    },
    240_000,
  );
});
