import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoLedger } from '../../ledger/dynamodb/dynamo-ledger.ts';
import type { Ledger } from '../../ledger/interface.ts';
import type { Deployment } from '../deployment.ts';
import { type AwsAccess, clientSettings } from './client-settings.ts';

/** The ledger of a deployment. Nothing is asked of it before the first call. */
export function openDeploymentLedger(
  { region, ledger }: Deployment,
  { timeout }: AwsAccess,
): Ledger & { close(): void } {
  const client = new DynamoDBClient(clientSettings({ region, timeout }));
  return Object.assign(new DynamoLedger(client, ledger), { close: () => client.destroy() });
}
