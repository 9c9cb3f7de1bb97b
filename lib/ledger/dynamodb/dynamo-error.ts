import { ArchweaveError, type ErrorCode } from '../../errors.ts';

/** Names of DynamoDB's failures that say something to a person; others that it marks as its own are retried. */
const MEANING: Readonly<Record<string, { code: ErrorCode; reason?: string; retryable: boolean }>> = {
  ProvisionedThroughputExceededException: { code: 'throttled', retryable: true },
  RequestLimitExceeded: { code: 'throttled', retryable: true },
  ThrottlingException: { code: 'throttled', retryable: true },
  TransactionConflictException: { code: 'throttled', retryable: true },
  ResourceNotFoundException: {
    code: 'bad-config',
    reason: 'there is no such table, or it has no index "due"',
    retryable: false,
  },
  AccessDeniedException: { code: 'forbidden', retryable: false },
  UnrecognizedClientException: {
    code: 'forbidden',
    reason: 'the credentials are not valid',
    retryable: false,
  },
  ExpiredTokenException: { code: 'forbidden', reason: 'the credentials have expired', retryable: true },
};

/** What DynamoDB or the way to it says, in archweave's words. Its own message names no secret, but a whole ARN. */
export function dynamoError(error: unknown, attempt: string): unknown {
  const facts = error as {
    readonly name?: string;
    readonly $fault?: 'client' | 'server';
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const known = MEANING[facts.name ?? ''];
  if (known !== undefined) return new ArchweaveError({ attempt, cause: error, ...known });
  const status = facts.$metadata?.httpStatusCode;
  if (facts.$fault === 'server' || (status !== undefined && status >= 500)) {
    return new ArchweaveError({
      code: 'registry-failed',
      reason: 'DynamoDB failed',
      ...about(error, attempt),
    });
  }
  if (facts.$fault === 'client') {
    const reason = `DynamoDB refuses it (${facts.name})`;
    return new ArchweaveError({ code: 'internal', reason, attempt, cause: error });
  }
  if (
    /Timeout|ECONN|ENOTFOUND|EAI_AGAIN|Networking/.test(`${facts.name} ${(error as { code?: string }).code}`)
  ) {
    return new ArchweaveError({ code: 'unreachable', ...about(error, attempt) });
  }
  return error;
}

function about(cause: unknown, attempt: string) {
  return { attempt, cause, retryable: true };
}
