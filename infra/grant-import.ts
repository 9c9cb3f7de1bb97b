import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { ArchweaveError } from '../lib/errors.ts';
import { KEY_SENDS } from './functions.ts';
import type { Imports } from './imports.ts';

/** Lets somebody begin the imports of archweave.yaml, and no other ones. Throws `bad-argument` where there are none. */
export function grantImport(imports: Imports | undefined, grantee: IGrantable, key: IKey | undefined): Grant {
  if (imports === undefined)
    throw new ArchweaveError({
      code: 'bad-argument',
      attempt: 'grant imports',
      reason: 'archweave.yaml has none for this stack',
    });
  const { machine, queue } = imports;
  key?.grant(grantee, ...KEY_SENDS);
  Grant.addToPrincipal({ grantee, actions: ['sqs:SendMessage'], resourceArns: [queue.queueArn] });
  const resourceArns = [machine.stateMachineArn];
  return Grant.addToPrincipal({ grantee, actions: ['states:StartExecution'], resourceArns });
}
