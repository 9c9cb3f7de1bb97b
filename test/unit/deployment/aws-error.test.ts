import { describe, expect, it } from '@jest/globals';
import { awsError } from '../../../lib/deployment/aws/aws-error.ts';
import { ArchweaveError } from '../../../lib/errors.ts';

const ASKED = { attempt: 'pause the work', action: 'lambda:UpdateEventSourceMapping', region: 'eu-west-1' };
const failure = (name: string, status?: number, message = 'no') =>
  Object.assign(new Error(message), { name, ...(status && { $metadata: { httpStatusCode: status } }) });

describe('a failure of AWS', () => {
  it.each([
    ['AccessDeniedException', 403, 'forbidden', false],
    ['AccessDenied', 403, 'forbidden', false],
    ['ExpiredToken', 403, 'unauthorized', false],
    ['UnrecognizedClientException', 400, 'unauthorized', false],
    ['CredentialsProviderError', undefined, 'unauthorized', false],
    ['TooManyRequestsException', 429, 'throttled', true],
    ['ThrottlingException', 400, 'throttled', true],
    ['ServiceException', 500, 'registry-failed', true],
    ['ResourceConflictException', 409, 'registry-failed', false],
    ['TimeoutError', undefined, 'unreachable', true],
  ])('%s (%s) is %s', (name, status, code, retryable) => {
    expect(awsError(failure(name, status), ASKED)).toMatchObject({ code, retryable });
  });

  it('names the action that is not allowed, and where', () => {
    expect(awsError(failure('AccessDeniedException', 403), ASKED)).toMatchObject({
      message: 'cannot pause the work: the IAM action lambda:UpdateEventSourceMapping is not allowed',
      where: 'lambda:UpdateEventSourceMapping in eu-west-1 -> 403 AccessDeniedException',
      next: 'allow lambda:UpdateEventSourceMapping, or use another AWS_PROFILE',
    });
  });

  it('says that no Region is configured', () => {
    expect(awsError(new Error('Region is missing'), ASKED)).toMatchObject({
      code: 'bad-config',
      next: 'export AWS_REGION=...',
    });
  });

  it("shows the service's words without control characters, and never the request", () => {
    const error = Object.assign(failure('Nope', 400, 'a\u202eb'), { $response: { secret: 's3cr3t' } });
    const told = awsError(error, ASKED);
    expect(told.reason).toBe('AWS refuses it: a\\u{202e}b');
    expect(JSON.stringify({ ...told, cause: told.cause })).not.toContain('s3cr3t');
  });

  it('is left as it is where it was told already', () => {
    const error = new ArchweaveError({ code: 'no-deployment', attempt: 'find it' });
    expect(awsError(error, ASKED)).toBe(error);
  });
});
