import { isArchweaveError } from '../../errors.ts';
import { ecrRegistry } from '../../events/ecr-registry.ts';
import { ecrHost } from '../../registry/ecr/ecr-host.ts';
import type { Invocation } from '../command.ts';
import type { LedgerSearch } from '../find-ledger.ts';
import { namedDeployment, stackName } from './stack-flag.ts';

/**
 * The ledger of the deployment in the Region of a registry of ECR. It may be elsewhere, or not readable for whoever
 * asks: that is no failure, since the registry can be looked at without it.
 */
export async function deploymentLedger(
  invocation: Pick<Invocation, 'flags' | 'common'>,
  host: string,
): Promise<LedgerSearch> {
  const region = ecrHost(host)?.region;
  try {
    const deployment = await namedDeployment(invocation, region);
    const own = ecrRegistry(deployment.account, deployment.region);
    const { openDeploymentLedger } = await import('../../deployment/aws/open-ledger.ts');
    const ledger = openDeploymentLedger(deployment, invocation.common);
    try {
      // Whoever may not read it hears that here, before anything relies on it.
      const nobody = { registry: own, repository: '-', tag: '-' };
      await Promise.all([ledger.standing(nobody), ledger.history(nobody, 1)]);
      return { ledger, own };
    } catch (error) {
      ledger.close();
      return { missing: sentence(error), own };
    }
  } catch (error) {
    if (isArchweaveError(error) && error.code === 'no-deployment')
      return {
        missing: `no stack ${stackName(invocation)} of archweave ${region ? `in ${region}` : 'here'} (--stack NAME)`,
      };
    return { missing: sentence(error) };
  }
}

function sentence(error: unknown): string {
  if (!isArchweaveError(error)) throw error;
  return `not known: ${error.message}`;
}
