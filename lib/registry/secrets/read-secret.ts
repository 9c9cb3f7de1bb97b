import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Milliseconds for one of its tries: whoever waits for this has a registry's request open. */
const PATIENCE = 5_000;

/** The current value of a secret, in the Region that its ARN names. Rejects with what the SDK says. */
export async function readSecret(arn: string): Promise<string | undefined> {
  const [, , , region] = arn.split(':');
  const requestHandler = {
    connectionTimeout: PATIENCE,
    requestTimeout: PATIENCE,
    throwOnRequestTimeout: true,
  };
  const client = new SecretsManagerClient({ requestHandler, ...(region && { region }) });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } finally {
    client.destroy();
  }
}
