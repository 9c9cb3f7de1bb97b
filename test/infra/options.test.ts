import { beforeAll, describe, expect, it } from '@jest/globals';
import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { aStack, makeHandlers } from './a-stack.ts';
import { named, resourcesOf } from './granted.ts';

beforeAll(makeHandlers);

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
