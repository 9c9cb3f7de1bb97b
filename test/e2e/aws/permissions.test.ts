import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Deployment } from '../../../lib/deployment/deployment.ts';
import { type Cloud, linuxImage, startCloud } from '../../support/deployed-stack.ts';
import { until } from '../../support/e2e-run.ts';
import { blocksOf } from '../../support/shell-blocks.ts';
import { describeWith, PROJECT_ROOT } from '../../support/tools.ts';

const PAGE = readFileSync(join(PROJECT_ROOT, 'docs', 'aws.md'), 'utf8');

/** What whoever looks at images in ECR may do. */
const READING = ['BatchGetImage', 'DescribeImages', 'DescribeRepositories', 'GetDownloadUrlForLayer'];

/** Deploys with the caller's own rights: the roles that CDK's bootstrapping makes are not what is tested here. */
const APP = `import { App, CliCredentialsStackSynthesizer } from 'aws-cdk-lib';
import { bundleFunctions } from './functions/bundle/bundle-functions.ts';
import { ArchweaveStack } from './infra/stack.ts';
await bundleFunctions('dist/functions');
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const synthesizer = new CliCredentialsStackSynthesizer();
new ArchweaveStack(new App(), 'Archweave', { config: 'archweave.yaml', env: { account, region }, synthesizer });
`;

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Policy }>>;
}
interface Policy {
  readonly Roles?: readonly { readonly Ref: string }[];
  readonly PolicyDocument: { readonly Statement: readonly { readonly Action: string | readonly string[] }[] };
}

/** The same deployment where IAM is asked about every call: each function has what it needs, and not more. */
describeWith(['python3', 'skopeo'], 'the permissions of a deployment', () => {
  let cloud: Cloud;
  let deployment: Deployment;
  beforeAll(async () => {
    cloud = await startCloud('aws-permissions', blocksOf(PAGE, 'yaml')[0]!, { permissions: true });
    writeFileSync(join(cloud.clone, 'app.ts'), APP);
    for (const line of [
      "npx cdk bootstrap --app '' aws://$AWS_ACCOUNT/$AWS_REGION",
      "npx cdk deploy --app 'node_modules/.bin/node app.ts' --require-approval never",
    ]) {
      const { rc, out, err } = await cloud.shell(`AWS_ACCOUNT=${cloud.ministack.account}; ${line}`);
      if (rc !== 0) throw new Error(`${line}: exit ${rc}\n${out}${err}\n${cloud.ministack.log()}`);
    }
    deployment = await cloud.deployment();
    // A rule's first sweep leaves what it finds as it is: here it finds nothing.
    await cloud.invoke(clock('sweep'));
    await cloud.clients.ecr.send(new CreateRepositoryCommand({ repositoryName: 'team/app' }));
  }, 240_000);
  afterAll(() => cloud?.stop());

  const clock = (name: string) => deployment.receive.replace('receive', name);
  const both = async (version: string) => {
    for (const architecture of ['amd64', 'arm64'])
      await cloud.push(
        'skopeo',
        `team/app:${version}-${architecture}`,
        linuxImage(architecture, { build: version }),
      );
  };
  /** A role that may not do this, for as long as the work takes. */
  const withDenied = async (role: string, action: string, work: () => Promise<void>) => {
    const Statement = [{ Effect: 'Deny', Action: action, Resource: '*' }];
    const policy = { RoleName: role, PolicyName: 'denied' };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam('PutRolePolicy', { ...policy, PolicyDocument });
    await work();
    await iam('DeleteRolePolicy', policy);
  };

  it('are those that docs/aws.md lists', () => {
    const text = readFileSync(join(cloud.clone, 'cdk.out', 'Archweave.template.json'), 'utf8');
    const { Resources } = JSON.parse(text) as Template;
    const granted = new Map<string, Set<string>>();
    for (const { Type, Properties } of Object.values(Resources)) {
      if (Type !== 'AWS::IAM::Policy') continue;
      for (const { Ref } of Properties.Roles ?? []) {
        const role = /^(?:Functions)?(\w+?)Role/.exec(Ref)![1]!.toLowerCase();
        const actions = Properties.PolicyDocument.Statement.flatMap(({ Action }) => Action);
        const others = actions.filter(action => !action.startsWith('logs:'));
        granted.set(role, new Set([...(granted.get(role) ?? []), ...others]));
      }
    }
    expect(Object.fromEntries([...granted].map(([role, actions]) => [role, [...actions].sort()]))).toEqual(
      Object.fromEntries([...tableOf('role')].map(([role, actions]) => [role, [...actions].sort()])),
    );
  });

  it('let receive and assemble make an index', async () => {
    await both('1.0');
    const { out } = await cloud.settle('team/app:1.0', 0);
    expect(out).toContain('team/app:1.0 is there and right');
  });

  it('let due and sweep do their work', async () => {
    await cloud.invoke(clock('due'));
    await cloud.withoutEvents(() => both('2.0'));
    await cloud.invoke(clock('sweep'));
    await cloud.settle('team/app:2.0', 0);
    expect((await cloud.archweave('aws', 'redrive')).out).toBe('No dead letters in Archweave, us-east-1.\n');
  });

  it('are asked for: without the right to write, the letter is buried at once and says which', async () => {
    await withDenied(deployment.assemble, 'ecr:PutImage', async () => {
      await both('3.0');
      const seen = await until(
        async () => {
          const { out } = await cloud.archweave('aws', 'redrive', '--dry-run');
          return out.includes('team/app') ? out : undefined;
        },
        { timeout: 30_000 },
      );
      expect(seen).toMatch(/forbidden: .*the IAM action ecr:PutImage is not allowed/);
      expect(seen).toMatch(/tried once$/m);
    });
    expect(await cloud.archweave('aws', 'redrive')).toMatchObject({ rc: 0 });
    await cloud.settle('team/app:3.0', 0);
  });

  it('are asked for: without the right to send, receive fails, so that the event comes again', async () => {
    await withDenied(deployment.receive, 'sqs:SendMessage', async () => {
      await expect(cloud.invoke(deployment.receive, cloud.eventOf('4.0-arm64'))).rejects.toThrow(
        /AccessDenied|not authorized/,
      );
    });
  });

  it('that docs/aws.md asks for are enough for those who look after it', async () => {
    const reading = READING.map(name => `ecr:${name}`);
    const who = await person('operator', [
      ...[...tableOf('for').values()].flatMap(all => [...all]),
      ...reading,
    ]);
    const { out, err } = await cloud.archweaveAs(who, 'explain', 'prod/team/app:1.0');
    expect(err).toBe('');
    expect(out).toMatch(/^history {2}\S+Z {2}published/m);
    for (const command of ['redrive', 'pause', 'resume'])
      expect(await cloud.archweaveAs(who, 'aws', command)).toMatchObject({
        rc: 0,
        err: expect.not.stringMatching(/error/),
      });
  });

  it('are named where a person lacks one', async () => {
    const who = await person('visitor', [
      'cloudformation:DescribeStacks',
      ...READING.map(name => `ecr:${name}`),
    ]);
    const paused = await cloud.archweaveAs(who, 'aws', 'pause', '--json');
    expect(paused.rc).toBe(1);
    expect(JSON.parse(paused.out).error).toMatchObject({
      ...{
        code: 'forbidden',
        message: expect.stringContaining('the IAM action lambda:GetEventSourceMapping'),
      },
    });
    expect(await cloud.archweaveAs(who, 'aws', 'redrive')).toMatchObject({
      ...{
        rc: 1,
        out: '',
        err: expect.stringContaining('the IAM action sqs:GetQueueAttributes is not allowed'),
      },
    });
    const { rc, out } = await cloud.archweaveAs(who, 'explain', 'prod/team/app:1.0');
    expect({ rc, out }).toEqual({
      rc: 0,
      out: expect.stringMatching(/^history {2}not known: cannot read the ledger /m),
    });
  });

  it('says that a stack is not there, or not its own', async () => {
    const none = await cloud.archweave('aws', 'redrive', '--stack', 'Nowhere');
    expect(none).toMatchObject({ rc: 1, out: '' });
    expect(none.err).toMatch(
      /^error: cannot find the stack Nowhere: there is none in us-east-1 {2}\[no-deployment\]\n {2}next /,
    );
    const other = await cloud.archweave('aws', 'pause', '--stack', 'CDKToolkit', '--json');
    expect(JSON.parse(other.out).error).toMatchObject({ code: 'no-deployment' });
  });

  /** Somebody who may do so much, by the environment that the SDK reads. */
  async function person(name: string, actions: readonly string[]) {
    const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam('CreateUser', { UserName: name });
    await iam('PutUserPolicy', { UserName: name, PolicyName: name, PolicyDocument });
    const made = await iam('CreateAccessKey', { UserName: name });
    const text = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(made)![1]!;
    return { AWS_ACCESS_KEY_ID: text('AccessKeyId'), AWS_SECRET_ACCESS_KEY: text('SecretAccessKey') };
  }
  /** As the account's root, whose signature the emulator does not look at. */
  async function iam(Action: string, parameters: Readonly<Record<string, string>>): Promise<string> {
    const credential = 'Credential=test/20261125/us-east-1/iam/aws4_request';
    const answer = await fetch(cloud.ministack.url, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0` },
      body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }),
    });
    if (!answer.ok) throw new Error(`${Action}: ${await answer.text()}`);
    return answer.text();
  }

  /** The rows of a table of the page: what the first column names (blank: the row before) and its actions. */
  function tableOf(first: string): ReadonlyMap<string, ReadonlySet<string>> {
    const [, rows = ''] =
      new RegExp(`^\\| ${first} \\| may .*\\n\\|[-|]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(PAGE) ?? [];
    const table = new Map<string, Set<string>>();
    let name = '';
    for (const row of rows.trimEnd().split('\n')) {
      const [, subject = '', may = ''] = row.split('|');
      name = subject.trim() || name;
      const actions = [...may.matchAll(/`(\w+:\w+)`/g)].map(match => match[1]!);
      table.set(name, new Set([...(table.get(name) ?? []), ...actions]));
    }
    return table;
  }
});
