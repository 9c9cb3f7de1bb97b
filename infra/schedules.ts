import { type Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deployedName } from './deployed-name.ts';

export interface SchedulesProps {
  readonly name: string;
  readonly deadLetters: IQueue;
  readonly encryptionKey?: IKey | undefined;
}

/** Clocks that call functions, with one role that may call those and nothing else. */
export class Schedules extends Construct {
  readonly group: CfnScheduleGroup;
  readonly #role: Role;
  readonly #deadLetters: IQueue;

  constructor(scope: Construct, id: string, { name, deadLetters, encryptionKey }: SchedulesProps) {
    super(scope, id);
    const stack = Stack.of(this);
    this.#deadLetters = deadLetters;
    this.group = new CfnScheduleGroup(this, 'Group', { name: deployedName(this, name, 'schedules') });
    this.#role = new Role(this, 'Role', {
      roleName: deployedName(this, name, 'schedules'),
      description: 'What the clocks of archweave may do',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }),
    );
    encryptionKey?.grant(this.#role, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /** Calls a function every so often, with `input` if there is one. `within` spreads the calls, lest all stacks of an organisation wake at once. */
  call(
    id: string,
    target: IFunction,
    {
      every,
      within,
      input,
    }: { readonly every: Duration; readonly within?: Duration; readonly input?: object },
  ): void {
    this.#role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [target.functionArn] }),
    );
    const schedule = new CfnSchedule(this, id, {
      groupName: this.group.ref,
      description: `archweave: calls ${id.toLowerCase()}`,
      scheduleExpression: rate(every),
      flexibleTimeWindow:
        within === undefined
          ? { mode: 'OFF' }
          : { mode: 'FLEXIBLE', maximumWindowInMinutes: within.toMinutes() },
      target: {
        arn: target.functionArn,
        roleArn: this.#role.roleArn,
        input: JSON.stringify({ source: 'archweave', clock: id.toLowerCase(), ...input }),
        deadLetterConfig: { arn: this.#deadLetters.queueArn },
        retryPolicy: {
          maximumEventAgeInSeconds: Math.min(every.toSeconds(), 86_400),
          maximumRetryAttempts: 10,
        },
      },
    });
    schedule.node.addDependency(this.#role);
  }
}

/** Scheduler counts whole minutes, hours and days. */
function rate(every: Duration): string {
  const minutes = every.toMinutes();
  return minutes === 1 ? 'rate(1 minute)' : `rate(${minutes} minutes)`;
}
