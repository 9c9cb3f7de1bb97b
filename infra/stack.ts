import { Stack, type StackProps } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { Archweave, type ArchweaveProps } from './archweave.ts';

export interface ArchweaveStackProps extends Omit<StackProps, 'permissionsBoundary'>, ArchweaveProps {
  /** Another way to say `alarmTopic`. */
  readonly alarmTopicArn?: string;
}

/** A stack with nothing but archweave in it. Its outputs are called `Dashboard`, `DeadLetters`, `Next`, `Deployment`. */
export class ArchweaveStack extends Stack {
  readonly archweave: Archweave;

  constructor(scope: Construct, id: string, props: ArchweaveStackProps) {
    const { alarmTopicArn, permissionsBoundary: _, ...stackProps } = props;
    super(scope, id, stackProps);
    // Default adds nothing to the names of what is in it.
    this.archweave = new Archweave(this, 'Default', {
      ...props,
      ...(alarmTopicArn && { alarmTopic: Topic.fromTopicArn(this, 'AlarmTopic', alarmTopicArn) }),
    });
  }
}
