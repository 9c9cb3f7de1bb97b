import { isArchweaveError } from '../../errors.ts';
import type { OnlineCheck } from './online-check.ts';
import { wrong } from './wrong.ts';

/** Codes that say that whoever asks is not let, or is nobody: then it is not known whether a function would be. */
const UNKNOWN: ReadonlySet<string> = new Set(['forbidden', 'unreachable', 'timeout', 'throttled']);

/**
 * Whether the AWS account vouches for its roles, where archweave.yaml has a deployment on AWS go to Azure; and as
 * whose issuer, which `azure bicep` asks for.
 */
export const federation: OnlineCheck = async ({ setting, invocation: { env } }) => {
  const check = 'federation';
  const { tenant, clientId, region } = setting;
  if (tenant === undefined || clientId === undefined) return undefined;
  const inRegion = region ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (inRegion === undefined)
    return {
      check,
      verdict: 'skip',
      message: 'no Region of AWS: nobody to ask',
      next: 'export AWS_REGION=eu-west-1',
    };
  const { awsAssertions } = await import('../../registry/acr/aws-assertion.ts');
  try {
    const { subject, issuer } = await awsAssertions({ region: inRegion })('ask AWS to vouch for this role');
    return { check, verdict: 'ok', message: `AWS vouches for ${subject}, as ${issuer}` };
  } catch (error) {
    if (!isArchweaveError(error)) throw error;
    const isOff = error.next?.includes('enable-outbound-web-identity-federation') === true;
    if (isOff) return wrong(check, error);
    const why = UNKNOWN.has(error.code) ? error.reason : `nobody to ask: ${error.reason}`;
    return { check, verdict: 'skip', message: why, ...(error.next !== undefined && { next: error.next }) };
  }
};
