import { describe, expect, it } from '@jest/globals';
import { ArchweaveError } from '../../../../lib/errors.ts';
import { entraError, isNobody } from '../../../../lib/registry/acr/entra-error.ts';

const ASKED = {
  attempt: 'read contoso.azurecr.io/app:1.0',
  authority: 'https://login.microsoftonline.com',
  name: "the Azure SDK's chain",
  next: 'az login',
};
const IDS = 'Trace ID: 0d1c Correlation ID: 1e2d Timestamp: 2026-11-25 10:00:00Z';

/** As the SDK makes them: of Entra's answer, or of what MSAL says of it. */
function failure(name: string, message: string, more: object = {}): Error {
  const error = new Error(message);
  Object.defineProperty(error, 'name', { value: name });
  return Object.assign(error, more);
}

describe('what Entra refuses', () => {
  it.each([
    [
      'as its answer',
      failure('AuthenticationError', 'invalid_client Status code: 401', {
        statusCode: 401,
        errorResponse: {
          error: 'invalid_client',
          errorDescription: `AADSTS7000222: The secret has expired. ${IDS}`,
        },
      }),
    ],
    [
      'as what MSAL makes of it',
      failure(
        'AuthenticationRequiredError',
        `invalid_client: Error(s): 7000222 - Timestamp: 2026 - Description: AADSTS7000222: The secret has expired. ${IDS}`,
      ),
    ],
  ])('is told in its own words, without ids, %s', (_, error) => {
    expect(entraError(error, ASKED)).toMatchObject({
      code: 'unauthorized',
      reason: 'AADSTS7000222: The secret has expired',
      where: 'POST https://login.microsoftonline.com/oauth2/v2.0/token -> AADSTS7000222',
      next: expect.stringContaining('az ad app credential reset'),
      retryable: false,
    });
  });

  it('is told as it is where archweave knows nothing of it', () => {
    const error = failure('AuthenticationError', `AADSTS53003: Blocked by Conditional Access. ${IDS}`);
    expect(entraError(error, { ...ASKED, tenant: 't' })).toMatchObject({
      code: 'unauthorized',
      reason: 'Entra refuses it: AADSTS53003: Blocked by Conditional Access',
      where: 'POST https://login.microsoftonline.com/t/oauth2/v2.0/token -> AADSTS53003',
      next: 'az login',
    });
  });

  it.each([
    ['90033', 'registry-failed'],
    ['50196', 'throttled'],
    ['70021', 'unauthorized'],
    ['700024', 'unauthorized'],
  ])('may be otherwise later, where it is AADSTS%s', (code, told) => {
    const error = failure('AuthenticationError', `AADSTS${code}: not now. ${IDS}`);
    expect(entraError(error, ASKED)).toMatchObject({ code: told, retryable: true });
  });

  it('is no decision of its where it names no code', () => {
    const busy = failure('AuthenticationError', 'Too many requests', { statusCode: 429 });
    expect(entraError(busy, ASKED)).toMatchObject({ code: 'throttled', retryable: true });
    const page = failure('AuthenticationRequiredError', 'network_error: <html>');
    expect(entraError(page, ASKED)).toMatchObject({ code: 'unreachable', retryable: true });
    const broken = failure('RestError', 'socket hang up', { code: 'ECONNRESET' });
    expect(entraError(broken, ASKED)).toMatchObject({ code: 'unreachable', attempt: ASKED.attempt });
  });

  it('keeps what was understood before, and a caller that stopped', () => {
    const known = new ArchweaveError({ code: 'forbidden', attempt: 'x', next: 'y' });
    expect(entraError(known, ASKED)).toMatchObject({ code: 'forbidden', attempt: ASKED.attempt, next: 'y' });
    const error = failure('AuthenticationRequiredError', 'aborted');
    expect(entraError(error, ASKED, AbortSignal.abort()).code).toBe('interrupted');
  });
});

describe('whether nobody is logged in', () => {
  const unavailable = failure('CredentialUnavailableError', 'Please run az login');
  const refused = failure('AuthenticationRequiredError', 'AADSTS50058: sign in again');

  it.each([
    ['one source has nobody', unavailable, true],
    [
      'none of many has',
      failure('AggregateAuthenticationError', '', { errors: [unavailable, unavailable] }),
      true,
    ],
    [
      'one of many was refused',
      failure('AggregateAuthenticationError', '', { errors: [unavailable, refused] }),
      false,
    ],
    ['somebody was refused', refused, false],
    ['the line broke', failure('RestError', 'socket hang up'), false],
  ])('where %s', (_, error, nobody) => {
    expect(isNobody(error)).toBe(nobody);
  });
});
