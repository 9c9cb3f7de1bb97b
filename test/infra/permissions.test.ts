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

describe('the globs of many rules', () => {
  const teams = (count: number, name = 'team') => `registries: { prod: ecr }
indexes:
${Array.from({ length: count }, (_, at) => `  - { repositories: [prod/${name}-${at}/*], platforms: [linux/amd64, linux/arm64] }`).join('\n')}
`;

  it.each(['team', 'a-team-that-has-quite-a-long-name'])(
    'fit into the policies of a role, for 500 times %s',
    name => {
      const template = aStack({ yaml: teams(500, name) }).template();
      const sizes = new Map<string, number>();
      for (const { Properties } of Object.values(template.findResources('AWS::IAM::Policy')))
        sizes.set(named(Properties.Roles[0]), JSON.stringify(resolved(Properties.PolicyDocument)).length);
      for (const size of sizes.values()) expect(size).toBeLessThanOrEqual(10_240);
      const managed = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
      const counts = Map.groupBy(managed, ({ Properties }) => named(Properties.Roles[0]));
      for (const policies of counts.values()) {
        expect(policies.length).toBeLessThanOrEqual(10);
        for (const { Properties } of policies)
          expect(JSON.stringify(resolved(Properties.PolicyDocument)).length).toBeLessThanOrEqual(6_144);
      }
      const repositories = grants(template).FunctionsAssembleRole!.filter(line =>
        line.startsWith('ecr:PutImage'),
      );
      expect(repositories).toHaveLength(500);
    },
  );

  it('are refused where they do not', () => {
    expect(() => aStack({ yaml: teams(900) })).toThrow(
      /900 repositories are more than the policies of one role hold/,
    );
  });

  it('are written once where one covers another', () => {
    const yaml = `registries: { prod: ecr }
indexes:
  - { repositories: [prod/team/*, prod/team/app], platforms: [linux/amd64] }
  - { repositories: [prod/team/a*], platforms: [linux/amd64], members: "{arch}", target: multi }
`;
    const lines = grants(aStack({ yaml }).template()).FunctionsAssembleRole!;
    expect(lines.filter(line => line.startsWith('ecr:PutImage'))).toEqual([`ecr:PutImage on ${TEAM}`]);
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

/** Tokens as long as they are in an account. */
function resolved(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner: unknown) => {
      const fields = inner as { readonly 'Fn::Join'?: unknown; readonly 'Fn::GetAtt'?: unknown } | null;
      return typeof fields === 'object' && fields !== null && ('Fn::Join' in fields || 'Fn::GetAtt' in fields)
        ? named(inner).replace('<Partition>', 'aws-us-gov')
        : inner;
    }),
  );
}
