import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../executions.ts';

/** Executions of one state machine. Step Functions keeps a name for 90 days after its execution has ended. */
export function openExecutions(client: SFNClient, stateMachineArn: string): Executions {
  const arn = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async start(name, input) {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
        return 'started';
      } catch (error) {
        if ((error as { readonly name?: string }).name === 'ExecutionAlreadyExists') return 'taken';
        throw error;
      }
    },
    async describe(name) {
      const command = new DescribeExecutionCommand({ executionArn: arn(name) });
      const { status = '', input = '', error, cause } = await client.send(command);
      return { status, input, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
    },
  };
}
