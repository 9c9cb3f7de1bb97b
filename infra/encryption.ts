import { Annotations, ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The services that put things under a customer managed key by themselves: they need the key's own policy. */
export function letServicesUse(key: IKey, scope: Construct): void {
  const stack = Stack.of(scope);
  const logs = `logs.${stack.region}.${stack.urlSuffix}`;
  const allowed = [
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ArchweaveDeadLetters',
        principals: [
          new ServicePrincipal('events.amazonaws.com'),
          new ServicePrincipal('scheduler.amazonaws.com'),
        ],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
      }),
    ),
    key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ArchweaveLogs',
        principals: [new ServicePrincipal(logs)],
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': stack.formatArn({
              service: 'logs',
              resource: 'log-group',
              resourceName: '*',
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    ),
  ];
  if (allowed.every(({ statementAdded }) => statementAdded)) return;
  Annotations.of(scope).addWarningV2(
    'archweave:key-policy',
    `The policy of the key cannot be changed from here; let events.amazonaws.com and scheduler.amazonaws.com use it ` +
      `(kms:Decrypt, kms:GenerateDataKey), and CloudWatch Logs for its log groups.`,
  );
}
