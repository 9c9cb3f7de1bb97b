import { ArchweaveError, type ErrorFacts, isArchweaveError } from '../../errors.ts';
import { printable } from '../../image/printable.ts';

export interface Asked {
  /** As it follows "cannot". */
  readonly attempt: string;
  /** As IAM names it: `cloudformation:DescribeStacks`. */
  readonly action: string;
  readonly region?: string;
}

interface Said {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
}

const CREDENTIALS = "the AWS SDK's chain: environment, profile and SSO, web identity, container, instance";
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;
const THROTTLED = /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RequestThrottled)/;
const UNKNOWN_CALLER =
  /^(UnrecognizedClient|InvalidSignature|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature|SignatureDoesNotMatch|Expired)/;
const LONGEST = 200;

/** What a failure of an AWS service that is no registry means. The SDK's request, signature and all, is not kept. */
export function awsError(error: unknown, { attempt, action, region }: Asked): ArchweaveError {
  if (isArchweaveError(error)) return error;
  const { name = '', message = '', code = '', $metadata, $retryable } = error as Said;
  const status = $metadata?.httpStatusCode;
  const words = printable(message).slice(0, LONGEST);
  const place = region === undefined ? '' : ` in ${region}`;
  const fail = (facts: Omit<ErrorFacts, 'attempt'>) =>
    new ArchweaveError({
      attempt,
      where: `${action}${place} -> ${status ?? 'no answer'} ${name}`.trimEnd(),
      ...(status !== undefined && { status }),
      ...facts,
    });
  if (message.startsWith('Region is missing'))
    return fail({ code: 'bad-config', reason: 'no AWS Region is configured', next: 'export AWS_REGION=...' });
  if (NO_CREDENTIALS.test(name)) {
    const reason = 'there are no AWS credentials';
    return fail({
      code: 'unauthorized',
      reason,
      tried: CREDENTIALS,
      next: 'aws configure sso, or AWS_PROFILE',
    });
  }
  if (UNKNOWN_CALLER.test(name)) {
    const reason = `the AWS credentials are not taken (${name})`;
    return fail({ code: 'unauthorized', reason, tried: CREDENTIALS, next: 'aws sts get-caller-identity' });
  }
  if (/^(AccessDenied|Unauthorized|Forbidden)/.test(name)) {
    const reason = `the IAM action ${action} is not allowed`;
    return fail({ code: 'forbidden', reason, next: `allow ${action}, or use another AWS_PROFILE` });
  }
  if (THROTTLED.test(name) || $retryable?.throttling || status === 429)
    return fail({ code: 'throttled', retryable: true, next: 'again later' });
  if (status === undefined) {
    const reason = `nothing answers (${code || name || 'no answer'})`;
    return fail({
      code: 'unreachable',
      reason,
      retryable: true,
      next: 'is the Region right, and is there a way to it?',
    });
  }
  if (status >= 500)
    return fail({
      code: 'registry-failed',
      reason: `AWS failed (${status})`,
      retryable: true,
      next: 'again later',
    });
  return fail({ code: 'registry-failed', reason: `AWS refuses it: ${words || name}` });
}
