import { isArchweaveError } from '../../errors.ts';
import type { OnlineCheck } from './online-check.ts';
import { wrong } from './wrong.ts';

/** Whether a push would be let in; only with --write, since it leaves a trace in the registry's log. */
export const write: OnlineCheck = async ({ registry, repositories, invocation }) => {
  const check = 'write';
  if (!invocation.flags.has('write'))
    return { check, verdict: 'skip', message: 'not tried; --write starts an upload and cancels it' };
  const [repository] = repositories;
  if (repository === undefined || registry.tryUpload === undefined)
    return { check, verdict: 'skip', message: 'there is no repository to try it in' };
  try {
    await registry.tryUpload(repository, { signal: invocation.signal });
    return { check, verdict: 'ok', message: `an upload to ${repository} was begun and given up` };
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    return wrong(check, error);
  }
};
