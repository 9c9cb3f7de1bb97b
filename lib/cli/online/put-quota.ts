import { isArchweaveError } from '../../errors.ts';
import { accessOf } from './ecr.ts';
import type { OnlineCheck } from './online-check.ts';

/** How many PutImage calls a second the account may make, which its builds share with archweave. */
export const putQuota: OnlineCheck = async subject => {
  const check = 'quota';
  const { putImageQuota } = await import('../../deployment/aws/put-image-quota.ts');
  try {
    const { perSecond, code } = await putImageQuota(accessOf(subject));
    return {
      check,
      verdict: 'ok',
      message: `PutImage ${perSecond} a second in this account and Region, shared with all builds (${code})`,
    };
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    return { check, verdict: 'skip', message: `PutImage: ${error.reason}` };
  }
};
