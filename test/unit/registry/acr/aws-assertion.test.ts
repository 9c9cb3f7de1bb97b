import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { awsAssertions } from '../../../../lib/registry/acr/aws-assertion.ts';
import { type StsFake, startStsFake, stsFakeEnv } from '../../../support/sts-fake.ts';

let sts: StsFake;
beforeAll(async () => {
  sts = await startStsFake();
  Object.assign(process.env, stsFakeEnv(sts), { AWS_MAX_ATTEMPTS: '1' });
});
afterAll(() => sts.stop());
beforeEach(() => {
  sts.calls.length = 0;
});

describe('the proof of AWS', () => {
  it('is for Entra alone, signed as Entra can read it, and lasts five minutes', async () => {
    const { text, subject, issuer, until } = await awsAssertions()('log in');
    expect(Object.fromEntries(sts.calls[0]!)).toMatchObject({
      Action: 'GetWebIdentityToken',
      'Audience.member.1': 'api://AzureADTokenExchange',
      SigningAlgorithm: 'RS256',
      DurationSeconds: '300',
    });
    expect({ subject, issuer }).toEqual({ subject: sts.subject, issuer: sts.issuer });
    expect(Math.abs(until - Date.now() - 300_000)).toBeLessThan(5_000);
    expect(text.split('.')).toHaveLength(3);
  });

  it('is kept until a minute before its end, and asked for once by all that wait', async () => {
    let clock = Date.now();
    const assertions = awsAssertions({ now: () => clock });
    const [one, two] = await Promise.all([assertions('a'), assertions('b')]);
    clock += 230_000;
    expect(await assertions('c')).toBe(one);
    expect(two).toBe(one);
    expect(sts.calls).toHaveLength(1);
    clock += 20_000;
    await assertions('d');
    expect(sts.calls).toHaveLength(2);
  });

  it('is refused where the account vouches for nobody, and the mend is a command', async () => {
    sts.failNext(403, 'OutboundWebIdentityFederationDisabledException', 'disabled');
    await expect(awsAssertions()('log in at x')).rejects.toMatchObject({
      code: 'unauthorized',
      attempt: 'log in at x',
      reason: 'this AWS account vouches for nobody outside of AWS',
      next: 'aws iam enable-outbound-web-identity-federation',
      retryable: false,
    });
  });

  it('is refused where the role may not ask for it, and the action is named', async () => {
    sts.failNext(403, 'AccessDenied', 'User is not authorized');
    await expect(awsAssertions()('log in')).rejects.toMatchObject({
      code: 'forbidden',
      reason: 'the IAM action sts:GetWebIdentityToken is not allowed',
    });
  });

  it.each([
    [400, 'Throttling', 'throttled'],
    [503, 'ServiceUnavailable', 'registry-failed'],
  ])('comes later where STS answers %i %s', async (status, name, code) => {
    sts.failNext(status, name, 'not now');
    await expect(awsAssertions()('log in')).rejects.toMatchObject({ code, retryable: true });
  });

  it('does not come where nothing answers', async () => {
    process.env.AWS_ENDPOINT_URL_STS = 'http://127.0.0.1:9';
    await expect(awsAssertions()('log in')).rejects.toMatchObject({ code: 'unreachable', retryable: true });
    process.env.AWS_ENDPOINT_URL_STS = sts.endpoint;
  });
});
