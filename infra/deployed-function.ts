import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import { deployedName } from './deployed-name.ts';
import { handlerCode } from './handler-code.ts';
import type { Network } from './network.ts';

/** What all functions of a deployment share. */
export interface FunctionSettings {
  /** The deployment's name: it begins the names of functions and roles. */
  readonly name: string;
  /** The text of `config.json`. */
  readonly config: string;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey | undefined;
  readonly network?: Network | undefined;
}

export interface DeployedFunctionProps extends FunctionSettings {
  /** Names the bundle, and ends the names of function and role. */
  readonly handler: string;
  /** The bundle, where it is not called like the handler. */
  readonly bundle?: string | undefined;
  readonly description: string;
  readonly memorySize: number;
  readonly timeout: Duration;
  /** Whether it talks to registries, which may be in a private network. */
  readonly asksRegistries?: boolean;
  /** How many of it may run at once; left out, as many as the account allows. */
  readonly atOnce?: number;
}

/** What a function may do with a thing, beside knowing its name. */
export interface Use {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * A function with a role of its own, written by hand: nothing is granted but what `use` says. The role's name is
 * known before it is deployed, because Azure's federation trusts it by name.
 */
export class DeployedFunction extends LambdaFunction {
  readonly #encryptionKey: IKey | undefined;

  constructor(scope: Construct, id: string, props: DeployedFunctionProps) {
    const { handler, description, memorySize, timeout, config, logRetention, encryptionKey } = props;
    const network = props.asksRegistries ? props.network : undefined;
    const functionName = deployedName(scope, props.name, handler);
    const role = new Role(scope, `${id}Role`, {
      roleName: functionName,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${handler} of archweave may do`,
    });
    const logGroup = new LogGroup(scope, `${id}Log`, {
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey && { encryptionKey }),
    });
    super(scope, id, {
      functionName,
      description,
      code: handlerCode(scope, handler, config, props.bundle),
      handler: `${handler}.handler`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize,
      timeout,
      ...(props.atOnce !== undefined && { reservedConcurrentExecutions: props.atOnce }),
      role,
      logGroup,
      environment: { ARCHWEAVE_ACCOUNT: Stack.of(scope).account, ARCHWEAVE_NAME: props.name },
      ...(network && {
        vpc: network.vpc,
        ...(network.subnets && { vpcSubnets: network.subnets }),
        ...(network.securityGroups && { securityGroups: network.securityGroups }),
      }),
    });
    this.#encryptionKey = encryptionKey;
    logGroup.grantWrite(role);
    if (network) grantNetwork(role);
  }

  /** Tells the function a name in an environment variable, and allows what it does with the thing. */
  use(variable: string, value: string, ...uses: readonly Use[]): this {
    this.addEnvironment(variable, value);
    for (const use of uses) this.may(use);
    return this;
  }

  may({ actions, resources, conditions }: Use): this {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: [...resources],
        ...(conditions && { conditions: { ...conditions } }),
      }),
    );
    return this;
  }

  /** Allows the uses of a customer managed key that come with the use of queues and tables; none without such a key. */
  mayUseKey(...actions: readonly string[]): this {
    this.#encryptionKey?.grant(this, ...actions);
    return this;
  }
}

/** What Lambda needs to reach into a network. IAM has no resource for it that is known before. */
function grantNetwork(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ec2:AssignPrivateIpAddresses',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
  acknowledge(role, {
    'AwsSolutions-IAM5[Resource::*]':
      'Lambda makes network interfaces whose names nobody knows before; these actions take no other resource.',
  });
}
