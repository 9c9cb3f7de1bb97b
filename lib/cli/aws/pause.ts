import { duration } from '../../assembly/reasons.ts';
import type { RunCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatTable } from '../format-table.ts';
import { namedDeployment, stackName } from './stack-flag.ts';

/** `aws pause`: nothing is taken from the work queue any more; what comes in waits there. */
export const run: RunCommand = async invocation => {
  const { common, signal, terminal } = invocation;
  const deployment = await namedDeployment(invocation);
  const { setAssembling } = await import('../../deployment/aws/assembling.ts');
  terminal.note('pausing ...');
  const { changed, waiting, retention } = await setAssembling(deployment, false, {
    timeout: common.timeout,
    signal,
  });
  const stack = stackName(invocation);
  const already = changed ? '' : ' already';
  const kept = retention > 0 ? duration(retention * 1_000) : 'as long as the queue says';
  const rows = [
    ['waiting', `${counted(waiting)} now; each is kept for ${kept}, and a sweep finds what was dropped`],
    ['running', 'a pass that had begun ends by itself, within 30 s'],
    ['alarms', 'the one for old messages rings while this lasts'],
    ['next', `archweave aws resume${stack === 'Archweave' ? '' : ` --stack ${stack}`}`],
  ];
  return {
    exit: EXIT.ok,
    text: `${stack} in ${deployment.region} is${already} paused: pushes still come in and wait, nothing is written.\n\n${formatTable(rows)}`,
    document: { stack, region: deployment.region, state: 'paused', changed, waiting, retention },
  };
};

function counted(messages: number): string {
  return messages === 1 ? '1 message' : `${messages} messages`;
}
