import type { RunCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { namedDeployment, stackName } from './stack-flag.ts';

/** `aws resume`: messages of the work queue are taken again, oldest first in each group. */
export const run: RunCommand = async invocation => {
  const { common, signal, terminal } = invocation;
  const deployment = await namedDeployment(invocation);
  const { setAssembling } = await import('../../deployment/aws/assembling.ts');
  terminal.note('resuming ...');
  const { changed, waiting, retention } = await setAssembling(deployment, true, {
    timeout: common.timeout,
    signal,
  });
  const stack = stackName(invocation);
  const sentence = changed
    ? `works again; ${waiting === 1 ? '1 message waits' : `${waiting} messages wait`} for it`
    : 'was not paused';
  return {
    exit: EXIT.ok,
    text: `${stack} in ${deployment.region} ${sentence}.\n`,
    document: { stack, region: deployment.region, state: 'running', changed, waiting, retention },
  };
};
