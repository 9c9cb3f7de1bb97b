import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { aStack, makeHandlers, quiet, RECOMMENDED_FLAGS } from './a-stack.ts';
import { grants, named } from './granted.ts';

/** What would let one who takes over a function change more than the tags of the repositories it is for. */
const NEVER = [
  'ecr:BatchDeleteImage',
  'ecr:CreateRepository',
  'ecr:DeleteRepository',
  'ecr:DeleteRepositoryPolicy',
  'ecr:PutImageTagMutability',
  'ecr:PutLifecyclePolicy',
  'ecr:SetRepositoryPolicy',
  'ecr:GetAuthorizationToken',
];
const ROLES = [
  'FunctionsReceiveRole',
  'FunctionsAssembleRole',
  'FunctionsDueRole',
  'FunctionsSweepRole',
  'SchedulesRole',
];
const TEAM = 'arn:<Partition>:ecr:eu-west-1:123456789012:repository/team/*';

const logs = (name: string) =>
  ['logs:CreateLogStream', 'logs:PutLogEvents'].map(action => `${action} on Functions${name}Log`);
const takes = (queue: string) =>
  ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'].map(
    action => `sqs:${action} on ${queue}`,
  );

describe('the roles of a deployment', () => {
  let template: Template;
  beforeAll(async () => {
    await makeHandlers();
    template = aStack().template();
  });

  it('may do what their functions do, and nothing else', () => {
    expect(grants(template)).toEqual({
      FunctionsReceiveRole: [
        ...logs('Receive'),
        'sqs:SendMessage on QueuesInletDeadLetters',
        'sqs:SendMessage on QueuesWork',
      ],
      FunctionsAssembleRole: [
        'dynamodb:GetItem on Ledger',
        'dynamodb:PutItem on Ledger',
        'dynamodb:Query on Ledger',
        'dynamodb:UpdateItem on Ledger',
        `ecr:BatchGetImage on ${TEAM}`,
        `ecr:DescribeImages on ${TEAM}`,
        `ecr:DescribeRepositories on ${TEAM}`,
        `ecr:GetDownloadUrlForLayer on ${TEAM}`,
        `ecr:PutImage on ${TEAM}`,
        'events:PutEvents on arn:<Partition>:events:eu-west-1:123456789012:event-bus/default ' +
          '{"StringEquals":{"events:source":"archweave"}}',
        ...logs('Assemble'),
        ...takes('QueuesWork'),
        'sqs:SendMessage on QueuesWorkDeadLetters',
      ],
      FunctionsDueRole: [
        'dynamodb:Query on Ledger/index/due',
        'dynamodb:UpdateItem on Ledger',
        ...logs('Due'),
        'sqs:SendMessage on QueuesWork',
      ],
      FunctionsSweepRole: [
        'dynamodb:GetItem on Ledger',
        'dynamodb:Query on Ledger',
        'dynamodb:UpdateItem on Ledger',
        `ecr:BatchGetImage on ${TEAM}`,
        `ecr:DescribeImages on ${TEAM}`,
        'ecr:DescribeRepositories on arn:<Partition>:ecr:eu-west-1:123456789012:repository/*',
        ...logs('Sweep'),
        ...takes('QueuesSweep'),
        'sqs:SendMessage on QueuesSweep',
        'sqs:SendMessage on QueuesWork',
      ],
      SchedulesRole: [
        'lambda:InvokeFunction on FunctionsDue',
        'lambda:InvokeFunction on FunctionsSweep',
        'sqs:SendMessage on QueuesInletDeadLetters',
      ],
    });
  });

  it('may do the same whatever feature flags an app has', () => {
    const flagged = grants(aStack({ context: RECOMMENDED_FLAGS, props: quiet }).template());
    expect(JSON.stringify(flagged).replaceAll('arn:aws:', 'arn:<Partition>:')).toBe(
      JSON.stringify(grants(template)),
    );
  });

  it('are all written by hand: no managed policy, no other role', () => {
    const roles = template.findResources('AWS::IAM::Role');
    expect(
      Object.keys(roles)
        .map(id => named({ Ref: id }))
        .toSorted(),
    ).toEqual(ROLES.toSorted());
    for (const { Properties } of Object.values(roles)) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
      expect(Properties.Policies).toBeUndefined();
    }
  });

  it('have names that are known before they are deployed', () => {
    const names = Object.values(template.findResources('AWS::IAM::Role')).map(
      ({ Properties }) => Properties.RoleName,
    );
    expect(names.toSorted()).toEqual(
      ['assemble', 'due', 'receive', 'schedules', 'sweep'].map(part => `archweave-eu-west-1-${part}`),
    );
  });

  it('are assumed by Lambda, and by Scheduler for this account only', () => {
    const trust = Object.values(template.findResources('AWS::IAM::Role')).map(
      ({ Properties }) => Properties.AssumeRolePolicyDocument.Statement,
    );
    const lambda = {
      Action: 'sts:AssumeRole',
      Effect: 'Allow',
      Principal: { Service: 'lambda.amazonaws.com' },
    };
    expect(trust.filter(([first]) => first.Principal.Service === 'lambda.amazonaws.com')).toEqual(
      Array(4).fill([lambda]),
    );
    expect(trust).toContainEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
    ]);
  });

  it('let the rule alone call receive, and write to the dead letters', () => {
    const permissions = Object.values(template.findResources('AWS::Lambda::Permission'));
    expect(permissions.map(({ Properties }) => [Properties.Principal, named(Properties.SourceArn)])).toEqual([
      ['events.amazonaws.com', 'EcrInlet'],
    ]);
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy')).flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const allowed = policies.filter(({ Effect }) => Effect === 'Allow');
    expect(
      allowed.map(({ Principal, Condition }) => [Principal, named(Condition.ArnEquals['aws:SourceArn'])]),
    ).toEqual([[{ Service: 'events.amazonaws.com' }, 'EcrInlet']]);
    expect(policies.filter(({ Effect, Condition }) => Effect === 'Deny' && Condition.Bool)).toHaveLength(5);
  });
});

/** Every statement of every policy that a role has, whatever options are taken. */
const everything = () =>
  aStack({
    env: { account: '123456789012', region: 'eu-west-1' },
    props: stack => ({
      encryptionKey: new Key(stack, 'Key'),
      network: { vpc: new Vpc(stack, 'Vpc', { restrictDefaultSecurityGroup: false }) as IVpc },
      permissionsBoundary: ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'),
    }),
  });

describe('with every option', () => {
  let template: Template;
  beforeAll(() => {
    template = everything().template();
  });
  const all = () => ROLES.flatMap(role => grants(template)[role]!.map(line => [role, line] as const));

  it('no role can delete, create or re-policy a repository, or have a registry login', () => {
    const actions = all().map(([, line]) => line.split(' ')[0]!);
    for (const action of actions) expect(action).not.toMatch(/\*/);
    expect(actions.filter(action => NEVER.includes(action))).toEqual([]);
    expect(actions.length).toBeGreaterThan(60);
  });

  it('no role has a resource with a star but those for lists, the globs of the rules, and networks', () => {
    const wide = all().filter(([, line]) => line.split(' on ')[1]!.includes('*'));
    const allowed = (line: string) =>
      line.endsWith('repository/team/*') ||
      line === 'ecr:DescribeRepositories on arn:<Partition>:ecr:eu-west-1:123456789012:repository/*' ||
      /^ec2:(Assign|Unassign)PrivateIpAddresses on \*$/.test(line) ||
      /^ec2:(Create|Delete|Describe)NetworkInterfaces? on \*$/.test(line) ||
      line === 'ec2:DescribeSubnets on *';
    expect(wide.filter(([, line]) => !allowed(line))).toEqual([]);
  });

  it('only functions that talk to registries reach into the network', () => {
    const network = all().filter(([, line]) => line.startsWith('ec2:'));
    expect(new Set(network.map(([role]) => role))).toEqual(
      new Set(['FunctionsAssembleRole', 'FunctionsSweepRole']),
    );
  });

  it('every role has the boundary', () => {
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role')).filter(
      ({ Properties: { RoleName } }) => String(RoleName).startsWith('archweave'),
    ))
      expect(JSON.stringify(Properties.PermissionsBoundary)).toContain('PowerUserAccess');
  });

  it('who uses a queue or the ledger may use its key, in words and not in stars', () => {
    const keys = Object.fromEntries(
      ROLES.map(role => [role, grants(template)[role]!.filter(line => line.startsWith('kms:'))]),
    );
    const queue = ['kms:Decrypt on Key', 'kms:GenerateDataKey on Key'];
    expect(keys.FunctionsReceiveRole).toEqual(queue);
    expect(keys.SchedulesRole).toEqual(queue);
    for (const role of ['FunctionsAssembleRole', 'FunctionsDueRole', 'FunctionsSweepRole'])
      expect(keys[role]).toEqual(
        [
          'Decrypt',
          'DescribeKey',
          'Encrypt',
          'GenerateDataKey',
          'GenerateDataKeyWithoutPlaintext',
          'ReEncryptFrom',
          'ReEncryptTo',
        ].map(action => `kms:${action} on Key`),
      );
  });
});

describe('whoever asks for the history of an index', () => {
  it('may find the deployment and read its ledger, and nothing else', () => {
    const { stack, weave, template } = aStack();
    const reader = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    weave.grantReadLedger(reader);
    expect(grants(template()).Reader).toEqual([
      'cloudformation:DescribeStacks on <StackId>',
      ...['GetItem', 'Query', 'Scan'].flatMap(action => [
        `dynamodb:${action} on Ledger`,
        `dynamodb:${action} on Ledger/index/due`,
      ]),
    ]);
  });
});
