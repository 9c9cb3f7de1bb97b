import { beforeAll, describe, expect, it } from '@jest/globals';
import { type App, Validations } from 'aws-cdk-lib';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { cfnLint } from '../support/cfn-lint.ts';
import { describeWith } from '../support/tools.ts';
import { aStack, ENV, makeHandlers, TEAMS } from './a-stack.ts';
import { grants, named } from './granted.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const IDENTITY = `tenant: ${TENANT}, clientId: aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee`;
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hooks-AbCdEf';
const rule = (repositories: string) =>
  `  - repositories: [${repositories}]\n    platforms: [linux/amd64, linux/arm64]\n`;
const POLLED = `registries:
  contoso: { host: contoso.azurecr.io, ${IDENTITY} }
indexes:
${rule('contoso/app')}`;
const ALL_WAYS = `registries:
  prod: ecr
  contoso: { host: contoso.azurecr.io, ${IDENTITY}, events: webhook, hook: "secretsmanager:${SECRET}" }
  grid: { host: grid.azurecr.io, ${IDENTITY}, events: event-grid, audience: api://archweave }
  gov: { host: gov.azurecr.us, ${IDENTITY}, events: event-grid, audience: ${TENANT} }
  polled: { host: polled.azurecr.io, ${IDENTITY}, poll: 90s }
indexes:
${rule('prod/team/*, contoso/team/*, grid/team/*')}${rule('gov/x')}${rule('polled/x')}`;
const VOUCHED =
  'sts:GetWebIdentityToken on * {"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":["api://AzureADTokenExchange"]},' +
  '"Null":{"sts:IdentityTokenAudience":"false"},"StringEquals":{"sts:SigningAlgorithm":"RS256"},' +
  '"NumericLessThanEquals":{"sts:DurationSeconds":300}}';

const all = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
const namesOf = (template: Template) =>
  all(template, 'AWS::Lambda::Function').map(({ FunctionName }) =>
    FunctionName.replace('archweave-eu-west-1-', ''),
  );

describe('a deployment without registries in Azure', () => {
  it('has no way in, vouches for nobody, and polls nothing', async () => {
    await makeHandlers();
    const template = aStack({ yaml: TEAMS }).template();
    for (const type of ['Api', 'Authorizer', 'Route', 'Stage'])
      expect(template.findResources(`AWS::ApiGatewayV2::${type}`)).toEqual({});
    expect(JSON.stringify(template.toJSON())).not.toMatch(/GetWebIdentityToken|secretsmanager|azure/i);
    expect(namesOf(template).toSorted()).toEqual(['assemble', 'due', 'receive', 'sweep']);
  });

  it('leaves to others what it does not know as whom to reach', () => {
    const yaml = TEAMS.replace('prod: ecr', 'prod: ecr\n  contoso: contoso.azurecr.io');
    const { stack, template } = aStack({ yaml: `${yaml}${rule('contoso/app')}` });
    Annotations.fromStack(stack).hasInfo('*', Match.stringLikeRegexp('contoso is left to others'));
    expect(JSON.stringify(template().toJSON())).not.toContain('GetWebIdentityToken');
  });
});

describe('a deployment for a registry in Azure that is polled', () => {
  let template: Template;
  beforeAll(async () => {
    await makeHandlers();
    template = aStack({ yaml: POLLED }).template();
  });

  it('polls it every minute, and has no way in', () => {
    expect(namesOf(template).toSorted()).toEqual(['assemble', 'due', 'poll', 'receive', 'sweep']);
    expect(template.findResources('AWS::ApiGatewayV2::Api')).toEqual({});
    const rates = all(template, 'AWS::Scheduler::Schedule').map(({ Description, ScheduleExpression }) => [
      Description,
      ScheduleExpression,
    ]);
    expect(rates).toContainEqual(['archweave: calls poll', 'rate(1 minute)']);
  });

  it('lets AWS vouch for the three roles that go there, under conditions, and for no other', () => {
    const found = Object.entries(grants(template)).flatMap(([role, lines]) =>
      lines.filter(line => line.startsWith('sts:')).map(line => [role, line]),
    );
    expect(found.toSorted()).toEqual(
      ['AzurePollRole', 'FunctionsAssembleRole', 'FunctionsSweepRole'].map(role => [role, VOUCHED]),
    );
    expect(grants(template).AzurePollRole).toEqual([
      'dynamodb:GetItem on Ledger',
      'dynamodb:PutItem on Ledger',
      'dynamodb:Query on Ledger',
      'logs:CreateLogStream on AzurePollLog',
      'logs:PutLogEvents on AzurePollLog',
      'sqs:SendMessage on QueuesWork',
      VOUCHED,
    ]);
  });

  it('may do nothing at ECR and hears none of its events', () => {
    expect(JSON.stringify(grants(template))).not.toContain('ecr:');
    expect(all(template, 'AWS::Events::Rule')).toEqual([]);
  });

  it('has role names that Azure can trust before they are deployed', () => {
    const roles = all(template, 'AWS::IAM::Role').map(({ RoleName }) => RoleName);
    for (const part of ['assemble', 'poll', 'sweep']) expect(roles).toContain(`archweave-eu-west-1-${part}`);
  });

  it('belongs to the stack that is named, where one is', () => {
    const yaml = POLLED.replace(`${IDENTITY} }`, `${IDENTITY}, account: "999999999999", region: eu-west-1 }`);
    expect(() => aStack({ yaml })).toThrow(/no index rule of .* is for ECR of .*, or for an ACR registry/);
    expect(() => aStack({ yaml: yaml.replace('999999999999', '123456789012') })).not.toThrow();
  });
});

describe('a deployment for registries in Azure that send something', () => {
  let template: Template;
  let warned: ReturnType<typeof aStack>['stack'];
  beforeAll(async () => {
    await makeHandlers();
    const { stack, template: made } = aStack({ yaml: ALL_WAYS });
    warned = stack;
    template = made();
  });

  it('has a route for each, which asks for the secret or the token; a handshake is free of both', () => {
    const authorizers = template.findResources('AWS::ApiGatewayV2::Authorizer');
    const routes = all(template, 'AWS::ApiGatewayV2::Route').map(
      ({ RouteKey, AuthorizationType, AuthorizerId }) => [
        RouteKey,
        AuthorizationType,
        AuthorizerId && authorizers[AuthorizerId.Ref]?.Properties.Name,
      ],
    );
    expect(routes.toSorted()).toEqual([
      ['OPTIONS /hooks/gov', 'NONE', undefined],
      ['OPTIONS /hooks/grid', 'NONE', undefined],
      ['POST /hooks/contoso', 'CUSTOM', 'secret'],
      ['POST /hooks/gov', 'JWT', 'event-grid-gov'],
      ['POST /hooks/grid', 'JWT', 'event-grid-grid'],
    ]);
    expect(
      all(template, 'AWS::ApiGatewayV2::Authorizer').map(({ JwtConfiguration }) => JwtConfiguration),
    ).toEqual(
      expect.arrayContaining([
        { Audience: ['api://archweave'], Issuer: `https://sts.windows.net/${TENANT}/` },
        { Audience: [TENANT], Issuer: `https://login.microsoftonline.us/${TENANT}/v2.0` },
      ]),
    );
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      IdentitySource: ['$request.header.Authorization'],
      AuthorizerResultTtlInSeconds: 300,
    });
  });

  it('takes fifty requests a second, and logs neither headers nor queries', () => {
    const [stage] = all(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage.DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    expect(stage.AccessLogSettings.Format).not.toMatch(/header|query|path\b|authorizer\.(?!error)/i);
  });

  it('lets authorize alone read the secret, and hook alone write to the queue', () => {
    const { AzureHooksAuthorizeRole: authorize, AzureHooksHookRole: hook } = grants(template);
    expect(authorize).toEqual([
      'logs:CreateLogStream on AzureHooksAuthorizeLog',
      'logs:PutLogEvents on AzureHooksAuthorizeLog',
      `secretsmanager:GetSecretValue on ${SECRET}`,
      `secretsmanager:GetSecretValue on ${SECRET}-??????`,
    ]);
    expect(hook).toEqual([
      'logs:CreateLogStream on AzureHooksHookLog',
      'logs:PutLogEvents on AzureHooksHookLog',
      'sqs:SendMessage on QueuesWork',
    ]);
    const callers = all(template, 'AWS::Lambda::Permission').map(({ Principal, FunctionName }) => [
      Principal,
      named(FunctionName),
    ]);
    expect(callers).toEqual(
      expect.arrayContaining([
        ['apigateway.amazonaws.com', 'AzureHooksHook'],
        ['apigateway.amazonaws.com', 'AzureHooksAuthorize'],
      ]),
    );
  });

  it.each(['contoso-secret', 'contoso-hook'])(
    'lets it read %s, whose ARN ends in what nobody wrote',
    name => {
      const arn = SECRET.replace('hooks-AbCdEf', name);
      const { AzureHooksAuthorizeRole: authorize } = grants(
        aStack({ yaml: ALL_WAYS.replace(SECRET, arn) }).template(),
      );
      expect(authorize).toContain(`secretsmanager:GetSecretValue on ${arn}-??????`);
    },
  );

  it('says where to send events, and that clocks count minutes', () => {
    const outputs = template.findOutputs('ArchweaveHooks');
    expect(Object.keys(outputs)).toEqual(['ArchweaveHooks']);
    Annotations.fromStack(warned).hasInfo('*', Match.stringLikeRegexp('polled every 2 minutes'));
  });

  it('is found nothing against by cdk-nag that is not argued for', () => {
    const prepare = (app: App) => Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => aStack({ yaml: ALL_WAYS, prepare }).app.synth()).not.toThrow();
  });

  it('still does for ECR what it did', () => {
    expect(JSON.stringify(grants(template).FunctionsAssembleRole)).toContain(
      'ecr:PutImage on arn:<Partition>:ecr:eu-west-1:123456789012:repository/team/*',
    );
    expect(JSON.stringify(grants(template))).not.toContain('repository/x');
  });

  it('is refused where a way in has no secret, or one that only serve has', () => {
    const without = ALL_WAYS.replace(`, hook: "secretsmanager:${SECRET}"`, '');
    const local = ALL_WAYS.replace(`"secretsmanager:${SECRET}"`, 'env:HOOK');
    const named = ALL_WAYS.replace(SECRET, 'contoso-hook');
    for (const yaml of [without, local, named])
      expect(() => aStack({ yaml })).toThrow(
        /registry contoso sends its events, and archweave.yaml does not say/,
      );
  });
});

describeWith(['python3'], 'cfn-lint', () => {
  it('finds nothing in a stack with every way', async () => {
    const { app, stack } = aStack({ yaml: ALL_WAYS });
    const { templateFullPath } = app.synth().getStackByName(stack.stackName);
    expect(await cfnLint(templateFullPath, ENV.region)).toEqual([]);
  }, 240_000);
});
