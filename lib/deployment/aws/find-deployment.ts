import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ArchweaveError } from '../../errors.ts';
import { DEPLOYMENT_OUTPUT, type Deployment, readDeployment } from '../deployment.ts';
import { awsError } from './aws-error.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';

/**
 * The deployment that a stack is. Throws `no-deployment` where there is no such stack in the Region, or one that
 * archweave did not make.
 */
export async function findDeployment(stack: string, access: AwsAccess): Promise<Deployment> {
  const client = new CloudFormationClient(clientSettings(access));
  const attempt = `find the stack ${stack}`;
  try {
    const region = await client.config.region();
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const { Outputs: outputs = [], StackId = '' } = Stacks[0] ?? {};
    const output = outputs.find(({ OutputKey = '' }) => DEPLOYMENT_OUTPUT.test(OutputKey))?.OutputValue;
    if (output === undefined) throw noDeployment(attempt, `it is none of archweave's (in ${region})`);
    return readDeployment(output, stack, StackId);
  } catch (error) {
    if ((error as { name?: string }).name === 'ValidationError')
      throw noDeployment(attempt, `there is none in ${await client.config.region()}`);
    throw awsError(error, { attempt, action: 'cloudformation:DescribeStacks', ...regionOf(access) });
  } finally {
    client.destroy();
  }
}

function regionOf({ region }: AwsAccess) {
  return region === undefined ? {} : { region };
}

function noDeployment(attempt: string, reason: string): ArchweaveError {
  const next =
    '--stack NAME for another stack, AWS_REGION for another Region, AWS_PROFILE for another account';
  return new ArchweaveError({ code: 'no-deployment', attempt, reason, next });
}
