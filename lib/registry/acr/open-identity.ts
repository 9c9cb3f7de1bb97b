import type { Environment } from '../oci/login.ts';
import { type AcrHost, acrHost } from './acr-host.ts';
import type { AzureIdentity } from './azure-identity.ts';

export interface WhoAsks {
  readonly host: string;
  /** Both or neither, as archweave.yaml has them. */
  readonly tenant?: string;
  readonly clientId?: string;
}

/** The public cloud, for a host that is none of ACR's own, such as a domain that somebody put before it. */
const PUBLIC = acrHost('x.azurecr.io') as AcrHost;

/**
 * Who asks a registry of ACR: on AWS the role that this runs as, vouched for by AWS, where archweave.yaml says as whom
 * Entra knows it; everywhere else whoever the Azure SDK finds.
 */
export async function openIdentity(
  { host, tenant, clientId }: WhoAsks,
  env: Environment = process.env,
): Promise<AzureIdentity> {
  const cloud = acrHost(host) ?? PUBLIC;
  if (tenant !== undefined && clientId !== undefined && isAws(env)) {
    const { federatedIdentity } = await import('./federated-identity.ts');
    return federatedIdentity({ cloud, tenant, clientId });
  }
  const { defaultIdentity } = await import('./default-identity.ts');
  return defaultIdentity({
    cloud,
    ...(tenant !== undefined && { tenant }),
    ...(clientId !== undefined && { clientId }),
  });
}

/** Lambda, and containers that AWS gives a role to. A person's machine with a profile is neither. */
function isAws(env: Environment): boolean {
  return Boolean(
    env.AWS_LAMBDA_FUNCTION_NAME ||
      env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ||
      env.AWS_CONTAINER_CREDENTIALS_FULL_URI,
  );
}
