import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { queueDefaults, sixTimes } from './queues.ts';

/** A look lists every tag of an import's source. */
export const INTAKE_TIMEOUT = Duration.minutes(3);
const INTAKE_RECEIVES = 5;

/** The queue of images to look at. It is fair because each message names its import as its group. */
export function importQueues(
  scope: Construct,
  { encryptionKey }: { readonly encryptionKey?: IKey | undefined },
) {
  const common = queueDefaults(encryptionKey);
  const deadLetters = new Queue(scope, 'DeadLetters', common);
  const queue = new Queue(scope, 'Queue', {
    ...common,
    visibilityTimeout: sixTimes(INTAKE_TIMEOUT),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: INTAKE_RECEIVES },
  });
  return { queue, deadLetters };
}
