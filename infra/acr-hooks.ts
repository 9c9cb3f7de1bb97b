import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CfnApi,
  CfnAuthorizer,
  CfnIntegration,
  CfnRoute,
  CfnStage,
  type CfnStageProps,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ArchweaveError } from '../lib/errors.ts';
import type { BundledRegistry } from '../lib/rules/bundled-config.ts';
import { acknowledge } from './acknowledge.ts';
import type { AcrWaysProps } from './acr-ways.ts';
import { DeployedFunction, type FunctionSettings } from './deployed-function.ts';
import { deployedName } from './deployed-name.ts';
import { KEY_SENDS, sends } from './functions.ts';
import { namesInPolicy, secretArn } from './secret-names.ts';

/** What is told of a request: no header, no query and no body, so no secret either. */
const ACCESS_LOG = JSON.stringify({
  time: '$context.requestTimeEpoch',
  request: '$context.requestId',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  ip: '$context.identity.sourceIp',
  error: '$context.error.message',
  authorizer: '$context.authorizer.error',
});

/**
 * The way in for webhooks and Event Grid: an HTTP API with a route a registry. Whoever shows nothing starts no
 * function. The address is an output; ACR and Event Grid have to be told.
 */
export class AcrHooks extends Construct {
  readonly api: CfnApi;
  readonly functions: readonly DeployedFunction[];
  readonly #integration: CfnIntegration;

  constructor(scope: Construct, id: string, props: Pick<AcrWaysProps, 'settings' | 'queues' | 'registries'>) {
    super(scope, id);
    const { settings, queues, registries } = props;
    const hook = new DeployedFunction(this, 'Hook', {
      ...settings,
      handler: 'hook',
      description: 'archweave: what registries in Azure send becomes messages',
      memorySize: 256,
      timeout: Duration.seconds(15),
    })
      .use('WORK_QUEUE_URL', queues.work.queueUrl, sends(queues.work))
      .mayUseKey(...KEY_SENDS);
    this.api = new CfnApi(this, 'Api', {
      name: deployedName(this, settings.name, 'hooks'),
      description: 'archweave: webhooks of ACR, and Event Grid',
      protocolType: 'HTTP',
    });
    this.#integration = new CfnIntegration(this, 'Integration', {
      apiId: this.api.ref,
      integrationType: 'AWS_PROXY',
      integrationUri: hook.functionArn,
      payloadFormatVersion: '2.0',
    });
    this.#mayCall(hook, 'hook');
    const withSecret = registries.filter(({ audience }) => audience === undefined);
    const authorizer = withSecret.length > 0 ? this.#authorizer(withSecret, settings) : undefined;
    for (const registry of registries) {
      if (registry.audience === undefined) this.#route(registry, 'POST', authorizer!.resource, 'CUSTOM');
      else this.#route(registry, 'POST', this.#jwt(registry), 'JWT');
      // By nature without a name or a secret: Event Grid asks so whether it may come. It has no effect.
      if (registry.events === 'event-grid') this.#openRoute(registry);
    }
    new CfnStage(this, 'Stage', this.#stage(settings));
    this.functions = [hook, ...(authorizer ? [authorizer.function] : [])];
  }

  #authorizer(registries: readonly BundledRegistry[], settings: FunctionSettings) {
    const secrets = [...new Set(registries.map(secretOf))];
    const authorize = new DeployedFunction(this, 'Authorize', {
      ...settings,
      handler: 'authorize',
      description: 'archweave: knows the secrets of hooks',
      memorySize: 256,
      timeout: Duration.seconds(10),
    }).may({ actions: ['secretsmanager:GetSecretValue'], resources: secrets.flatMap(namesInPolicy) });
    this.#mayCall(authorize, 'authorize');
    const { region, partition } = Stack.of(this);
    const resource = new CfnAuthorizer(this, 'Authorizer', {
      apiId: this.api.ref,
      name: 'secret',
      authorizerType: 'REQUEST',
      authorizerUri: `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${authorize.functionArn}/invocations`,
      authorizerPayloadFormatVersion: '2.0',
      enableSimpleResponses: true,
      identitySource: ['$request.header.Authorization'],
      authorizerResultTtlInSeconds: 300,
    });
    return { function: authorize, resource };
  }

  /** Entra's tokens are of version 1 where the audience is a URI, and of version 2 where it is an id. */
  #jwt({ name, host, tenant, audience }: BundledRegistry): CfnAuthorizer {
    const login = host.endsWith('.azurecr.us') ? 'login.microsoftonline.us' : 'login.microsoftonline.com';
    const issuer = audience!.includes('://')
      ? `https://sts.windows.net/${tenant}/`
      : `https://${login}/${tenant}/v2.0`;
    return new CfnAuthorizer(this, `Jwt${name}`, {
      apiId: this.api.ref,
      name: `event-grid-${name}`,
      authorizerType: 'JWT',
      identitySource: ['$request.header.Authorization'],
      jwtConfiguration: { audience: [audience!], issuer },
    });
  }

  #route({ name }: BundledRegistry, method: string, authorizer: CfnAuthorizer, type: 'CUSTOM' | 'JWT'): void {
    new CfnRoute(this, `${method}${name}`, {
      apiId: this.api.ref,
      routeKey: `${method} /hooks/${name}`,
      target: `integrations/${this.#integration.ref}`,
      authorizationType: type,
      authorizerId: authorizer.ref,
    });
  }

  #openRoute({ name }: BundledRegistry): void {
    const route = new CfnRoute(this, `OPTIONS${name}`, {
      apiId: this.api.ref,
      routeKey: `OPTIONS /hooks/${name}`,
      target: `integrations/${this.#integration.ref}`,
      authorizationType: 'NONE',
    });
    acknowledge(route, {
      'AwsSolutions-APIG4': 'Event Grid asks here whether it may send events, before it can show anything.',
    });
  }

  #stage({ name, logRetention, encryptionKey }: FunctionSettings): CfnStageProps {
    const log = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/vendedlogs/${deployedName(this, name, 'hooks')}`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    return {
      apiId: this.api.ref,
      stageName: '$default',
      autoDeploy: true,
      defaultRouteSettings: { throttlingRateLimit: 50, throttlingBurstLimit: 100 },
      accessLogSettings: { destinationArn: log.logGroupArn, format: ACCESS_LOG },
    };
  }

  #mayCall(target: DeployedFunction, what: string): void {
    target.addPermission(`${what}Call`, {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: this.api.ref,
        resourceName: '*',
      }),
    });
  }
}

function secretOf({ name, hook }: BundledRegistry): string {
  const arn = secretArn(hook);
  if (arn !== undefined) return arn;
  throw new ArchweaveError({
    code: 'bad-config',
    attempt: '',
    reason: `registry ${name} sends its events, and archweave.yaml does not say where the secret is that it shows`,
    next: `hook: secretsmanager:ARN   (or for Event Grid: audience)`,
  });
}
