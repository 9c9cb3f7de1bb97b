import { Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { consoleUrl } from './console.ts';
import type { Functions } from './functions.ts';
import type { Imports } from './imports.ts';
import { Outputs } from './outputs.ts';
import type { Queues } from './queues.ts';

export interface Told {
  readonly queues: Queues;
  readonly functions: Functions;
  readonly ledger: Table;
  readonly dashboard: Dashboard;
  /** Where registries send their events, before `/hooks/NAME`. */
  readonly hooks?: string | undefined;
  readonly imports: Imports | undefined;
  /** A reference that will be made; none where nothing is put together. */
  readonly example: string | undefined;
}

/** What a deployment says at its end: three lines for people, and one that the command line reads. */
export function tell(scope: Construct, told: Told): void {
  const { queues, functions, ledger, dashboard, hooks, imports, example } = told;
  const stack = Stack.of(scope);
  const outputs = new Outputs(scope, 'Outputs');
  outputs.add(
    'Dashboard',
    consoleUrl(scope, `cloudwatch/home?region=${stack.region}#dashboards:name=${dashboard.dashboardName}`),
    'What happens',
  );
  outputs.add(
    'DeadLetters',
    consoleUrl(scope, `sqs/v3/home?region=${stack.region}#/queues`),
    'What was given up',
  );
  if (example !== undefined)
    outputs.add(
      'Next',
      `push two tags of one version, then: npx archweave explain ${example}`,
      'What to do now',
    );
  if (hooks !== undefined)
    outputs.add('Hooks', `${hooks}/hooks/NAME`, 'Where NAME of archweave.yaml sends its events');
  if (imports !== undefined)
    outputs.add(
      'Imports',
      imports.machine.stateMachineArn,
      'The state machine that copies images; one can be begun by hand',
    );
  const { receive, assemble, due, sweep, assembleMapping } = functions;
  outputs.add(
    'Deployment',
    stack.toJsonString({
      archweave: 1,
      region: stack.region,
      work: queues.work.queueUrl,
      deadLetters: queues.workDeadLetters.queueUrl,
      inletDeadLetters: queues.inletDeadLetters.queueUrl,
      sweepDeadLetters: queues.sweepDeadLetters.queueUrl,
      ledger: ledger.tableName,
      receive: receive.functionName,
      assemble: assemble.functionName,
      clocks: [due.functionName, sweep.functionName],
      assembleMapping: assembleMapping.eventSourceMappingId,
      ...(imports && {
        imports: { deadLetters: imports.deadLetters.queueUrl, intake: imports.intake.functionName },
      }),
    }),
    'What archweave on the command line needs to know of this deployment',
  );
}
