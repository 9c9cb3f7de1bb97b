import { beforeAll, describe, expect, it } from '@jest/globals';
import { type App, Duration, Validations } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { cfnLint } from '../support/cfn-lint.ts';
import { describeWith } from '../support/tools.ts';
import { aStack, ENV, makeHandlers, quiet, RECOMMENDED_FLAGS } from './a-stack.ts';
import { grants, named, resourcesOf } from './granted.ts';
import { AZURE, IMPORTS } from './import-configs.ts';

const KINDS = ['AWS::StepFunctions::StateMachine', 'AWS::Lambda::Function', 'AWS::SQS::Queue'] as const;
const ECR = 'arn:<Partition>:ecr:eu-west-1:123456789012:repository';

beforeAll(makeHandlers);

const count = (template: Template, kind: string) => Object.keys(template.findResources(kind)).length;

describe('a deployment without imports', () => {
  it('has nothing of them: no state machine, no function, no queue, no alarm', () => {
    const template = aStack().template();
    expect(KINDS.map(kind => count(template, kind))).toEqual([0, 4, 5]);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/[Ii]mport(?!ValueF)/);
    expect(aStack().weave.importer).toBeUndefined();
  });

  it('refuses to grant them', () => {
    const { weave, stack } = aStack();
    const role = new Role(stack, 'Someone', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    expect(() => weave.grantImport(role)).toThrow(/cannot grant imports: archweave.yaml has none/);
  });
});

describe('a deployment with imports', () => {
  let template: Template;
  beforeAll(() => {
    template = aStack({ yaml: IMPORTS }).template();
  });

  it('copies twenty parts at once, or as many as it is told', () => {
    expect(resourcesOf(template, 'AWS::Lambda::Function').ImportsCopy).toMatchObject({
      ReservedConcurrentExecutions: 20,
      Timeout: 900,
      MemorySize: 1769,
    });
    const five = aStack({ yaml: IMPORTS, props: () => ({ copies: 5 }) }).template();
    expect(resourcesOf(five, 'AWS::Lambda::Function').ImportsCopy!.ReservedConcurrentExecutions).toBe(5);
    expect(() => aStack({ yaml: IMPORTS, props: () => ({ copies: 0 }) })).toThrow(/copies is 0/);
  });

  it('lets each role do what it does, and nothing else', () => {
    const {
      ImportsCopyRole: copy,
      ImportsIntakeRole: intake,
      ImportsMachineRole: machineRole,
    } = grants(template);
    expect(copy).toEqual([
      'dynamodb:GetItem on Ledger',
      'dynamodb:PutItem on Ledger',
      ...['BatchCheckLayerAvailability', 'BatchGetImage'].map(
        action => `ecr:${action} on ${ECR}/base/alpine`,
      ),
      ...['old/*', 'raw/app', 'team/*'].map(glob => `ecr:BatchGetImage on ${ECR}/${glob}`),
      `ecr:CompleteLayerUpload on ${ECR}/base/alpine`,
      ...['old/*', 'raw/app', 'team/*'].map(glob => `ecr:GetDownloadUrlForLayer on ${ECR}/${glob}`),
      `ecr:InitiateLayerUpload on ${ECR}/base/alpine`,
      ...['old/*', 'raw/app', 'team/*'].map(glob => `ecr:ListImageReferrers on ${ECR}/${glob}`),
      `ecr:PutImage on ${ECR}/base/alpine`,
      `ecr:UploadLayerPart on ${ECR}/base/alpine`,
      'events:PutEvents on arn:<Partition>:events:eu-west-1:123456789012:event-bus/default ' +
        '{"StringEquals":{"events:source":"archweave"}}',
      'logs:CreateLogStream on ImportsCopyLog',
      'logs:PutLogEvents on ImportsCopyLog',
    ]);
    expect(intake).toEqual([
      'dynamodb:GetItem on Ledger',
      ...['old/*', 'raw/app', 'team/*'].map(glob => `ecr:BatchGetImage on ${ECR}/${glob}`),
      ...['old/*', 'raw/app', 'team/*'].map(glob => `ecr:DescribeImages on ${ECR}/${glob}`),
      `ecr:DescribeRepositories on ${ECR}/*`,
      'events:PutEvents on arn:<Partition>:events:eu-west-1:123456789012:event-bus/default ' +
        '{"StringEquals":{"events:source":"archweave"}}',
      'logs:CreateLogStream on ImportsIntakeLog',
      'logs:PutLogEvents on ImportsIntakeLog',
      ...['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map(
        action => `sqs:${action} on ImportsQueue`,
      ),
      'sqs:SendMessage on ImportsDeadLetters',
      'sqs:SendMessage on ImportsQueue',
      'states:DescribeExecution on ' +
        'arn:<Partition>:states:eu-west-1:123456789012:execution:archweave-eu-west-1-import:*',
      'states:StartExecution on ImportsMachine',
    ]);
    expect(machineRole!.filter(line => !line.endsWith(' on *'))).toEqual([
      'lambda:InvokeFunction on ImportsCopy',
    ]);
    const wide = machineRole!.filter(line => line.endsWith(' on *'));
    for (const line of wide) expect(line).toMatch(/^(logs:\w*(LogDeliver|ResourcePolic|LogGroups)|xray:)/);
  });

  it('is told of publications and pushes that an import waits for, and of no others', () => {
    const patterns = resourcesOf(template, 'AWS::Events::Rule');
    expect(Object.keys(patterns).toSorted()).toEqual([
      ...['EcrInlet', 'ImportsEnded', 'ImportsPublished', 'ImportsPushed'],
    ]);
    expect(patterns.ImportsPublished!.EventPattern).toEqual({
      source: ['archweave'],
      'detail-type': ['Index Published'],
      detail: { repository: [{ prefix: 'team/' }] },
    });
    expect(patterns.ImportsPushed!.EventPattern.detail['repository-name']).toEqual([{ prefix: 'raw/app' }]);
  });

  it('is told of its executions that end without having copied anything, and of no others', () => {
    const { ImportsEnded: rule } = resourcesOf(template, 'AWS::Events::Rule');
    const { detail, ...pattern } = rule!.EventPattern;
    expect(pattern).toEqual({
      ...{ source: ['aws.states'], 'detail-type': ['Step Functions Execution Status Change'] },
    });
    expect(detail.status).toEqual(['FAILED', 'TIMED_OUT', 'ABORTED']);
    expect(detail.stateMachineArn.map(named)).toEqual(['ImportsMachine']);
    // Step Functions tells the default bus, wherever our own events go.
    expect(rule!.EventBusName).toBeUndefined();
    const [target] = rule!.Targets;
    expect([target.Arn, target.DeadLetterConfig.Arn].map(named)).toEqual([
      'ImportsIntake',
      'ImportsDeadLetters',
    ]);
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 });
  });

  it('looks through every import that is not manual, on its schedule or as often as a sweep is made', () => {
    const clocks = Object.values(template.findResources('AWS::Scheduler::Schedule')).map(({ Properties }) => [
      JSON.parse(Properties.Target.Input).import?.name,
      Properties.ScheduleExpression,
    ]);
    expect(clocks.filter(([name]) => name !== undefined).toSorted()).toEqual([
      ['base images', 'rate(1440 minutes)'],
      ['mirror', 'rate(1440 minutes)'],
      ['raw', 'rate(1440 minutes)'],
    ]);
    const often = aStack({ yaml: IMPORTS, props: () => ({ sweep: Duration.hours(6) }) }).template();
    expect(JSON.stringify(often.findResources('AWS::Scheduler::Schedule'))).toContain('rate(360 minutes)');
  });

  it('has a queue whose dead letters alarm, and an alarm for executions that failed', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'archweave-import-failed' });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName: 'archweave-import-dead-letters' });
    const { ImportsQueue: queue } = resourcesOf(template, 'AWS::SQS::Queue');
    expect(queue).toMatchObject({ SqsManagedSseEnabled: true, VisibilityTimeout: 1080 });
    expect(queue!.FifoQueue).toBeUndefined();
    expect(named(queue!.RedrivePolicy.deadLetterTargetArn)).toBe('ImportsDeadLetters');
  });

  it('tells the command line where dead letters are, and who takes them again', () => {
    const { ArchweaveDeployment: output } = template.findOutputs('ArchweaveDeployment');
    expect(JSON.parse(named(output!.Value)).imports).toEqual({
      ...{ deadLetters: 'ImportsDeadLetters', intake: 'ImportsIntake' },
    });
  });

  it('lets others begin imports by hand, where they are granted it', () => {
    const { stack, weave, template: made } = aStack({ yaml: IMPORTS });
    const someone = new Role(stack, 'Someone', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    expect(weave.grantImport(someone).success).toBe(true);
    expect(weave.importer).toBeDefined();
    expect(grants(made()).Someone).toEqual([
      'sqs:SendMessage on ImportsQueue',
      'states:StartExecution on ImportsMachine',
    ]);
  });

  it.each([
    ['no feature flags', {}],
    ['all feature flags of a new app', RECOMMENDED_FLAGS],
  ])('is found nothing against by cdk-nag that is not argued for, with %s', (_, context) => {
    const prepare = (app: App) => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => aStack({ yaml: IMPORTS, context, prepare, props: quiet }).app.synth()).not.toThrow();
  });

  it('may be there without any index rule', () => {
    const made = aStack({ yaml: AZURE }).template();
    expect(count(made, 'AWS::StepFunctions::StateMachine')).toBe(1);
    expect(made.findOutputs('ArchweaveNext')).toEqual({});
    expect(Object.keys(made.findOutputs('ArchweaveImports'))).toEqual(['ArchweaveImports']);
  });
});

describeWith(['python3'], 'cfn-lint', () => {
  it('finds nothing in a stack with imports and a key', async () => {
    const { app, stack } = aStack({
      yaml: IMPORTS,
      props: one => ({ encryptionKey: new Key(one, 'Key') }),
    });
    const { templateFullPath } = app.synth().getStackByName(stack.stackName);
    const found = await cfnLint(templateFullPath, ENV.region);
    // Its list of ECR's actions is older than referrers.
    expect(found.filter(line => !line.includes(":W3037:'listimagereferrers' is not one of"))).toEqual([]);
  }, 240_000);
});
