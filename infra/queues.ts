import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  type IQueue,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** How long `assemble` and `sweep` may run; a message stays hidden for six times as long, as Lambda asks. */
export const ASSEMBLE_TIMEOUT = Duration.seconds(30);
export const SWEEP_TIMEOUT = Duration.minutes(5);

/** The same as in lib/queue: for functions that crash; what fails is given up by the function itself. */
const WORK_RECEIVES = 8;
const SWEEP_RECEIVES = 3;

/** The queues of a deployment, each with a place for what does not work. */
export class Queues extends Construct {
  /** FIFO: a group is what is worked on alone. */
  readonly work: IQueue;
  readonly workDeadLetters: IQueue;
  /** Events that no function took. Standard, since neither rules nor schedules send to a FIFO queue. */
  readonly inletDeadLetters: IQueue;
  /** One message a repository. */
  readonly sweep: IQueue;
  readonly sweepDeadLetters: IQueue;

  constructor(
    scope: Construct,
    id: string,
    { encryptionKey }: { readonly encryptionKey?: IKey | undefined },
  ) {
    super(scope, id);
    const common = queueDefaults(encryptionKey);
    // The bodies of messages hold the event's id, and the functions say it: content never suppresses a message.
    const fifo: QueueProps = {
      ...common,
      fifo: true,
      contentBasedDeduplication: false,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    };
    this.workDeadLetters = new Queue(this, 'WorkDeadLetters', fifo);
    this.work = new Queue(this, 'Work', {
      ...fifo,
      visibilityTimeout: sixTimes(ASSEMBLE_TIMEOUT),
      deadLetterQueue: { queue: this.workDeadLetters, maxReceiveCount: WORK_RECEIVES },
    });
    this.inletDeadLetters = new Queue(this, 'InletDeadLetters', common);
    acknowledge(this.inletDeadLetters, {
      'AwsSolutions-SQS3':
        'It is itself the dead letters of a rule, of schedules and of an asynchronous function.',
    });
    this.sweepDeadLetters = new Queue(this, 'SweepDeadLetters', common);
    this.sweep = new Queue(this, 'Sweep', {
      ...common,
      visibilityTimeout: sixTimes(SWEEP_TIMEOUT),
      deadLetterQueue: { queue: this.sweepDeadLetters, maxReceiveCount: SWEEP_RECEIVES },
    });
  }
}

/** What all queues have in common. */
export function queueDefaults(encryptionKey: IKey | undefined): QueueProps {
  return {
    // A weekend's pause loses nothing.
    retentionPeriod: Duration.days(14),
    enforceSSL: true,
    encryption: encryptionKey ? QueueEncryption.KMS : QueueEncryption.SQS_MANAGED,
    ...(encryptionKey && { encryptionMasterKey: encryptionKey, dataKeyReuse: Duration.hours(1) }),
  };
}

export function sixTimes(timeout: Duration): Duration {
  return Duration.seconds(6 * timeout.toSeconds());
}
