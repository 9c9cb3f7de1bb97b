import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { MAX_RECEIVES } from '../../lib/queue/take-batch.ts';
import { PROJECT_ROOT } from '../support/tools.ts';
import { aStack, makeHandlers } from './a-stack.ts';
import { named, resourcesOf } from './granted.ts';

beforeAll(makeHandlers);

const source = (...path: string[]) => readFileSync(join(PROJECT_ROOT, ...path), 'utf8');

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
});
