import type { AwsAccess } from '../../deployment/aws/client-settings.ts';
import type { Deployment } from '../../deployment/deployment.ts';
import type { Invocation } from '../command.ts';

const USUAL = 'Archweave';

/** The name of the stack that `--stack` says. */
export function stackName({ flags }: Pick<Invocation, 'flags'>): string {
  return flags.value('stack') ?? USUAL;
}

/** The deployment that `--stack` names; the SDK, which takes a while to load, is loaded here. */
export async function namedDeployment(
  invocation: Pick<Invocation, 'flags' | 'common'>,
  region?: string,
): Promise<Deployment> {
  const { findDeployment } = await import('../../deployment/aws/find-deployment.ts');
  const access: AwsAccess = { timeout: invocation.common.timeout, ...(region !== undefined && { region }) };
  return findDeployment(stackName(invocation), access);
}
