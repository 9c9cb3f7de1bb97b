import { describe, expect, it } from '@jest/globals';
import { secretLogin } from '../../../../lib/registry/secrets/secret-login.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub';
const POINTER = `secretsmanager:${ARN}`;
const holding = (value: string | undefined) => async () => value;
const failing = (name: string, status?: number) => async () => {
  const metadata = status === undefined ? {} : { $metadata: { httpStatusCode: status } };
  throw Object.assign(new Error('arn:aws:iam::123456789012:role/x may not'), { name, ...metadata });
};

describe('a login in a secret', () => {
  it.each([
    ['me:a:password', 'me', 'a:password'],
    ['me:a-password\n', 'me', 'a-password'],
    ['{"username": "me", "password": "p"}', 'me', 'p'],
    [' {"username":"me","accessToken":"dckr_pat_x","other":1}', 'me', 'dckr_pat_x'],
  ])('is read of %j', async (value, username, password) => {
    const read: string[] = [];
    const source = secretLogin(
      POINTER,
      async secret => {
        read.push(secret);
        return value;
      },
      () => 1000,
    );
    expect(await source('docker.io')).toEqual({
      login: { username, password, until: 301_000 },
      tried: [`credentials of ${POINTER}`],
      next: `aws secretsmanager put-secret-value --secret-id ${ARN} --secret-string file://login.json`,
    });
    expect(read).toEqual([ARN]);
  });

  it.each([
    [undefined],
    [''],
    ['only-a-token'],
    [':password'],
    ['me:'],
    ['{'],
    ['[]'],
    ['{"username":"me"}'],
    ['{"username":"","password":"p"}'],
    ['{"username":"me","password":5}'],
  ])('is not in %j, and none of it is told', async value => {
    const error = await secretLogin(POINTER, holding(value))('docker.io').catch(thrown => thrown);
    expect(error).toMatchObject({
      code: 'unauthorized',
      attempt: 'log in to docker.io',
      reason: `the secret ${ARN} holds no login`,
      retryable: false,
    });
    expect(error.next).toContain('"accessToken"');
    if (value) expect(JSON.stringify([error.message, error.reason])).not.toContain(value);
  });

  it.each([
    ['AccessDeniedException', 400, false],
    ['ResourceNotFoundException', 400, false],
    ['ThrottlingException', 400, true],
    ['InternalServiceError', 500, true],
    ['TimeoutError', undefined, true],
  ])('that cannot be read for %s (%s) is an error that says so', async (name, status, retryable) => {
    const error = await secretLogin(POINTER, failing(name, status))('docker.io').catch(thrown => thrown);
    expect(error).toMatchObject({
      code: 'unauthorized',
      reason: `the secret ${ARN} cannot be read (${name})`,
      next: `aws secretsmanager describe-secret --secret-id ${ARN}`,
      retryable,
    });
    expect(String(error.cause)).not.toContain('role/x');
  });

  it.each([
    ['CredentialsProviderError', 'Could not load credentials', 'there are no AWS credentials'],
    ['TokenProviderError', 'The SSO session has expired', 'there are no AWS credentials'],
    ['Error', 'Region is missing', 'no AWS Region is configured'],
  ])(
    'is not for who is nobody to AWS (%s: %s), and waiting does not help',
    async (name, message, lacking) => {
      const read = async () => Promise.reject(Object.assign(new Error(message), { name }));
      const error = await secretLogin(POINTER, read)('docker.io').catch(thrown => thrown);
      expect(error).toMatchObject({
        code: 'unauthorized',
        reason: `the secret ${ARN} cannot be read: ${lacking}`,
        next: expect.stringContaining('credentials: env:NAME'),
        retryable: false,
      });
      expect(error.cause).toBeUndefined();
    },
  );
});
