import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Duration, Validations } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { MAX_RECEIVES } from '../../lib/queue/take-batch.ts';
import { cfnLint } from '../support/cfn-lint.ts';
import { describeWith, PROJECT_ROOT } from '../support/tools.ts';
import { aStack, ENV, makeHandlers, quiet, RECOMMENDED_FLAGS } from './a-stack.ts';
import { named } from './granted.ts';

beforeAll(makeHandlers);

const resourcesOf = (template: Template, type: string) =>
  Object.fromEntries(
    Object.entries(template.findResources(type)).map(([id, { Properties }]) => [
      named({ Ref: id }),
      Properties,
    ]),
  );
const source = (...path: string[]) => readFileSync(join(PROJECT_ROOT, ...path), 'utf8');

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

describe('a deployment', () => {
  let template: Template;
  beforeAll(() => {
    template = aStack().template();
  });

  it('tells each function the names that it reads, and no others', () => {
    const common = [
      ...source('functions', 'environment.ts').matchAll(/setting\('(\w+)'\)|env\.(ARCHWEAVE_NAME)/g),
    ];
    const inCommon = common.map(([, name]) => name!).filter(name => name !== 'AWS_REGION');
    const functions = resourcesOf(template, 'AWS::Lambda::Function');
    for (const handler of ['receive', 'assemble', 'due', 'sweep']) {
      const read = [...source('functions', `${handler}.ts`).matchAll(/[sS]etting\('(\w+)'/g)].map(
        ([, name]) => name!,
      );
      const id = `Functions${handler[0]!.toUpperCase()}${handler.slice(1)}`;
      const told = Object.keys(functions[id].Environment.Variables);
      expect(told.toSorted()).toEqual([...new Set([...inCommon, ...read, 'ARCHWEAVE_NAME'])].toSorted());
    }
  });

  it('runs its functions on Node 24 and ARM, each with a log of its own that ends', () => {
    const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function'));
    expect(functions).toHaveLength(4);
    for (const { Runtime, Architectures, LoggingConfig } of functions) {
      expect([Runtime, Architectures]).toEqual(['nodejs24.x', ['arm64']]);
      expect(named(LoggingConfig.LogGroup)).toMatch(/^Functions\w+Log$/);
    }
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  it('hides a message for six times as long as its function may run, and gives up when the functions do', () => {
    const queues = resourcesOf(template, 'AWS::SQS::Queue');
    const functions = resourcesOf(template, 'AWS::Lambda::Function');
    expect(queues.QueuesWork.VisibilityTimeout).toBe(6 * functions.FunctionsAssemble.Timeout);
    expect(queues.QueuesSweep.VisibilityTimeout).toBe(6 * functions.FunctionsSweep.Timeout);
    expect(queues.QueuesWork.RedrivePolicy.maxReceiveCount).toBe(MAX_RECEIVES);
  });

  it('works in order within a group, and deduplicates by nothing but what it says', () => {
    const { QueuesWork, QueuesWorkDeadLetters } = resourcesOf(template, 'AWS::SQS::Queue');
    const fifo = {
      FifoQueue: true,
      ContentBasedDeduplication: false,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    };
    expect(QueuesWork).toMatchObject(fifo);
    expect(QueuesWorkDeadLetters).toMatchObject(fifo);
    expect(named(QueuesWork.RedrivePolicy.deadLetterTargetArn)).toBe('QueuesWorkDeadLetters');
  });

  it('keeps what no function takes, from whichever side it came', () => {
    const [rule] = Object.values(resourcesOf(template, 'AWS::Events::Rule'));
    expect(named(rule.Targets[0].DeadLetterConfig.Arn)).toBe('QueuesInletDeadLetters');
    for (const { Target } of Object.values(resourcesOf(template, 'AWS::Scheduler::Schedule')))
      expect(named(Target.DeadLetterConfig.Arn)).toBe('QueuesInletDeadLetters');
    const invoke = resourcesOf(template, 'AWS::Lambda::EventInvokeConfig').FunctionsReceiveEventInvokeConfig;
    expect(named(invoke.DestinationConfig.OnFailure.Destination)).toBe('QueuesInletDeadLetters');
    const { QueuesInletDeadLetters } = resourcesOf(template, 'AWS::SQS::Queue');
    expect(QueuesInletDeadLetters.FifoQueue).toBeUndefined();
  });

  it('hands back what failed of a batch, and no more', () => {
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });

  it('keeps the ledger when the stack goes, with its history of a month', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'due' })],
      },
    });
  });

  it('sweeps once a day at some time of a quarter of an hour, and looks at deadlines every five minutes', () => {
    const schedules = resourcesOf(template, 'AWS::Scheduler::Schedule');
    expect(schedules.SchedulesSweep).toMatchObject({
      ScheduleExpression: 'rate(1440 minutes)',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
    });
    // Exactly every five minutes: which publications a run looks at again follows from that.
    expect(schedules.SchedulesDue).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      FlexibleTimeWindow: { Mode: 'OFF' },
    });
    const { Variables } = resourcesOf(template, 'AWS::Lambda::Function').FunctionsDue.Environment;
    expect(Variables.DUE_EVERY_MS).toBe(String(5 * 60_000));
  });

  it('says where to look, what to do, and what the command line needs', () => {
    const { Outputs } = template.toJSON() as {
      readonly Outputs: Record<string, { readonly Value: unknown }>;
    };
    expect(Object.keys(Outputs)).toEqual(
      ['Dashboard', 'DeadLetters', 'Next', 'Deployment'].map(name => `Archweave${name}`),
    );
    expect(Outputs.ArchweaveNext!.Value).toBe(
      'push two tags of one version, then: npx archweave explain prod/team/app:VERSION',
    );
    expect(JSON.parse(named(Outputs.ArchweaveDeployment!.Value))).toEqual({
      archweave: 1,
      region: 'eu-west-1',
      work: 'QueuesWork',
      deadLetters: 'QueuesWorkDeadLetters',
      inletDeadLetters: 'QueuesInletDeadLetters',
      sweepDeadLetters: 'QueuesSweepDeadLetters',
      ledger: 'Ledger',
      receive: 'FunctionsReceive',
      assemble: 'FunctionsAssemble',
      clocks: ['FunctionsDue', 'FunctionsSweep'],
      assembleMapping: 'FunctionsAssembleMapping',
    });
  });

  it('has an alarm for each section of the runbook, and a section for each alarm', () => {
    const alarms = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'].flatMap(type =>
      Object.values(template.findResources(type)),
    );
    const names = alarms.map(({ Properties }) => Properties.AlarmName as string);
    const headings = [...source('docs', 'runbook.md').matchAll(/^## ([a-z-]+)$/gm)].map(
      ([, id]) => `archweave-${id}`,
    );
    expect(names.toSorted()).toEqual(headings.toSorted());
    for (const { Properties } of alarms)
      expect(Properties.AlarmDescription).toMatch(
        new RegExp(`docs/runbook\\.md#${Properties.AlarmName.replace('archweave-', '')}$`),
      );
  });

  it('pages for four alarms only', () => {
    const [pager] = Object.values(template.findResources('AWS::CloudWatch::CompositeAlarm'));
    const rule = named(pager!.Properties.AlarmRule);
    expect([...rule.matchAll(/Alarms(\w+)/g)].map(([, name]) => name)).toEqual([
      'workdeadletters',
      'inletdeadletters',
      'workwaits',
      'nosweep',
    ]);
  });

  it('alarms when no sweep ended, even if nothing at all is reported', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'archweave-no-sweep',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 26,
      Period: 3600,
      TreatMissingData: 'breaching',
    });
  });

  it('looks at no number of its own that the functions do not count', () => {
    const counted = new Set(
      [...source('lib', 'queue', 'telemetry.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, name]) => name),
    );
    const text = JSON.stringify(template.toJSON()).replaceAll('\\"', '"');
    const shown = [...text.matchAll(/"Archweave","(\w+)","Service","archweave"/g)].map(([, name]) => name);
    const alarmed = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(({ Properties }) => Properties.Namespace === 'Archweave')
      .map(({ Properties }) => Properties.MetricName as string);
    expect(shown.length).toBeGreaterThan(8);
    expect(alarmed.toSorted()).toEqual(['RegistryThrottled', 'SweepCompleted', 'SweepRepaired']);
    for (const name of [...shown, ...alarmed]) expect(counted).toContain(name);
  });
});

describe('what a person says otherwise', () => {
  it('is the name, of which every fixed name is made', () => {
    const template = aStack({ props: () => ({ name: 'joiner' }) }).template();
    const functions = Object.values(resourcesOf(template, 'AWS::Lambda::Function'));
    for (const { FunctionName, Environment } of functions) {
      expect(FunctionName).toMatch(/^joiner-eu-west-1-/);
      expect(Environment.Variables.ARCHWEAVE_NAME).toBe('joiner');
    }
    template.hasResourceProperties('AWS::CloudWatch::Dashboard', {
      DashboardName: 'joiner-eu-west-1-dashboard',
    });
  });

  it('is the share of writes, which more runs may use', () => {
    const template = aStack({ props: () => ({ writesPerSecond: 60 }) }).template();
    const { FunctionsAssembleMapping } = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(FunctionsAssembleMapping.ScalingConfig.MaximumConcurrency).toBeGreaterThan(2);
    const { Variables } = resourcesOf(template, 'AWS::Lambda::Function').FunctionsAssemble.Environment;
    expect(Variables.WRITES_PER_SECOND).toBe('60');
  });

  it('is how long logs are kept, and how often it sweeps', () => {
    const props = () => ({ logRetention: RetentionDays.ONE_WEEK, sweep: Duration.days(6) });
    const template = aStack({ props }).template();
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
    template.hasResourceProperties('AWS::Scheduler::Schedule', { ScheduleExpression: 'rate(8640 minutes)' });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'archweave-no-sweep',
      EvaluationPeriods: 146,
    });
  });

  it('is who hears of alarms: of each, and of none twice', () => {
    const { stack, template } = aStack({ props: stack => ({ alarmTopic: new Topic(stack, 'Topic') }) });
    const all = template();
    all.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: Match.anyValue(),
      OKActions: Match.anyValue(),
    });
    all.allResourcesProperties('AWS::CloudWatch::CompositeAlarm', { AlarmActions: Match.absent() });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  it('is nobody, of which synth warns', () => {
    const { stack } = aStack();
    Annotations.fromStack(stack).hasWarning(
      '/Images/Archweave',
      Match.stringLikeRegexp('The alarms tell nobody'),
    );
  });

  it('is the bus for its own events, on which rules for them stand', () => {
    const { stack, weave, template } = aStack({
      props: stack => ({ eventBus: new EventBus(stack, 'Weave') as IEventBus }),
    });
    const queue = new Queue(stack, 'Told');
    weave.onIndexPublished('Deploy', { repository: ['team/shop'] }).addTarget(new SqsQueue(queue));
    weave.onIndexHeld('Tell').addTarget(new SqsQueue(queue));
    const all = template();
    const rules = resourcesOf(all, 'AWS::Events::Rule');
    expect(rules.Deploy.EventPattern).toEqual({
      source: ['archweave'],
      'detail-type': ['Index Published'],
      detail: { repository: ['team/shop'] },
    });
    expect(rules.Tell.EventPattern).toEqual({ source: ['archweave'], 'detail-type': ['Index Held'] });
    expect([rules.Deploy, rules.Tell].map(({ EventBusName }) => named(EventBusName))).toEqual([
      'Weave',
      'Weave',
    ]);
    const { Variables } = resourcesOf(all, 'AWS::Lambda::Function').FunctionsAssemble.Environment;
    expect(named(Variables.EVENT_BUS)).toBe('Weave');
    // Pushes to ECR are told on the default bus, wherever own events go.
    expect(rules.EcrInlet.EventBusName).toBeUndefined();
  });

  it('is a key, for all that is stored, which the services may use that store things by themselves', () => {
    const template = aStack({ props: stack => ({ encryptionKey: new Key(stack, 'Key') }) }).template();
    for (const queue of Object.values(resourcesOf(template, 'AWS::SQS::Queue')))
      expect(named(queue.KmsMasterKeyId)).toBe('Key');
    for (const log of Object.values(resourcesOf(template, 'AWS::Logs::LogGroup')))
      expect(named(log.KmsKeyId)).toBe('Key');
    const { Ledger } = resourcesOf(template, 'AWS::DynamoDB::Table');
    expect(Ledger.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
    const [key] = Object.values(resourcesOf(template, 'AWS::KMS::Key'));
    const statements = key.KeyPolicy.Statement as readonly Record<string, never>[];
    expect(statements).toContainEqual({
      Sid: 'ArchweaveDeadLetters',
      Effect: 'Allow',
      Principal: { Service: ['events.amazonaws.com', 'scheduler.amazonaws.com'] },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
    });
    const logs = statements.find(({ Sid }) => Sid === 'ArchweaveLogs') as never as {
      readonly Principal: { readonly Service: unknown };
      readonly Condition: { readonly ArnLike: Record<string, unknown> };
    };
    expect(named(logs.Principal.Service)).toBe('logs.eu-west-1.<URLSuffix>');
    expect(named(logs.Condition.ArnLike['kms:EncryptionContext:aws:logs:arn'])).toBe(
      'arn:<Partition>:logs:eu-west-1:123456789012:log-group:*',
    );
  });

  it('is a key of elsewhere, whose policy it cannot change and says so', () => {
    const arn = 'arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000';
    const { stack } = aStack({ props: stack => ({ encryptionKey: Key.fromKeyArn(stack, 'Key', arn) }) });
    Annotations.fromStack(stack).hasWarning(
      '*',
      Match.stringLikeRegexp('let events.amazonaws.com and scheduler'),
    );
  });
});
