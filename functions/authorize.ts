import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type {
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
} from 'aws-lambda';
import { createHookAuthorizer } from '../lib/server/hook-authorizer.ts';
import { config } from './environment.ts';
import { functionTelemetry } from './telemetry.ts';

const { middlewares } = functionTelemetry('authorize');
const client = new SecretsManagerClient();
const POINTER = 'secretsmanager:';

const authorize = createHookAuthorizer({
  // Where a token is asked for there is no secret that opens anything, and none that this may read.
  hooks: config.registries.flatMap(({ name, hook, audience }) =>
    hook?.startsWith(POINTER) && audience === undefined ? [{ name, secret: hook.slice(POINTER.length) }] : [],
  ),
  stored: async secret => {
    const [current, previous] = await Promise.all([read(secret, 'AWSCURRENT'), read(secret, 'AWSPREVIOUS')]);
    return [current, previous].filter(value => value !== undefined);
  },
  now: Date.now,
});

/** Undefined where there is no value of this stage: a secret that was never rotated has no previous one. */
async function read(SecretId: string, VersionStage: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
  } catch (error) {
    if ((error as { name?: string }).name === 'ResourceNotFoundException' && VersionStage !== 'AWSCURRENT')
      return undefined;
    throw error;
  }
}

/** Tells API Gateway whether a header opens a hook, and the hook which ones. API Gateway keeps the answer for a while. */
export const handler = middy(
  async ({
    identitySource,
  }: Pick<APIGatewayRequestAuthorizerEventV2, 'identitySource'>): Promise<
    APIGatewaySimpleAuthorizerWithContextResult<{ hooks: string }>
  > => {
    const hooks = await authorize(identitySource?.[0]);
    return { isAuthorized: hooks.length > 0, context: { hooks: hooks.join(',') } };
  },
).use(middlewares);
