import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { TABLE } from '../lib/ledger/dynamodb/table.ts';

/**
 * The ledger's table. It stays when the stack goes: without it nothing says what a person removed, and the next
 * deployment would have to be careful with everything.
 */
export function ledgerTable(
  scope: Construct,
  id: string,
  { encryptionKey }: { readonly encryptionKey?: IKey | undefined },
): Table {
  const { partitionKey, sortKey, timeToLive, index } = TABLE;
  const table = new Table(scope, id, {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    timeToLiveAttribute: timeToLive,
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    ...(encryptionKey && { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey }),
  });
  table.addGlobalSecondaryIndex({
    indexName: index.name,
    partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
    sortKey: { name: index.sortKey, type: AttributeType.NUMBER },
    projectionType: ProjectionType.ALL,
  });
  return table;
}

/** What the use of a table under a customer managed key asks of whoever reads it, and of whoever writes. */
export const TABLE_KEY_READS = ['kms:Decrypt', 'kms:DescribeKey'] as const;
export const TABLE_KEY_WRITES = [
  ...TABLE_KEY_READS,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;
