import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { importMessage } from '../../lib/messages/import-message.ts';
import { until } from './e2e-run.ts';

/** The executions of a deployment's imports. They are named by their ARNs. */
export function importExecutions(states: SFNClient, stateMachineArn: string) {
  const history = async (executionArn: string): Promise<readonly HistoryEvent[]> =>
    (await states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events ?? [];
  return {
    /** The newest first. */
    async all(): Promise<readonly string[]> {
      const { executions = [] } = await states.send(new ListExecutionsCommand({ stateMachineArn }));
      return executions.map(({ executionArn }) => executionArn!);
    },
    /** Begins one by hand. */
    async start(name: string, repository: string, tag: string): Promise<string> {
      const input = importMessage({ name, repository, tag });
      return (await states.send(new StartExecutionCommand({ stateMachineArn, input }))).executionArn!;
    },
    async stop(executionArn: string): Promise<void> {
      await states.send(new StopExecutionCommand({ executionArn }));
    },
    /** How it ends. */
    ended: (executionArn: string): Promise<string | undefined> =>
      until(
        async () => {
          const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
          return status === 'RUNNING' ? undefined : status;
        },
        { timeout: 60_000, every: 200 },
      ),
    /** How often it entered a state. */
    entered: async (executionArn: string, state: string): Promise<number> =>
      (await history(executionArn)).filter(({ stateEnteredEventDetails: of }) => of?.name === state).length,
  };
}
