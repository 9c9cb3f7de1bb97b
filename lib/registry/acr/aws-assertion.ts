import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { oneLine } from '../oci/describe.ts';
import { jwtClaims } from '../oci/jwt-claims.ts';
import { networkError } from '../oci/network-error.ts';

/** What Entra expects to be named in the proof; its documentation knows one value for all. */
export const AUDIENCE = 'api://AzureADTokenExchange';
/** Seconds; the policy of the functions allows no longer. */
const LASTS = 300;
/** Milliseconds before its end from which on a proof is not used any more: Entra has to see it, too. */
const MARGIN = 60_000;

/** Who AWS says that this is. */
export interface Assertion {
  readonly text: string;
  /** The role's ARN. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

export interface AssertionOptions {
  /** Left out: as the environment says. The global endpoint of STS gives no such token. */
  readonly region?: string;
  readonly now?: () => number;
}

/** A source of proofs by AWS of the role that this runs as, each kept until shortly before its end. */
export function awsAssertions({ region, now = Date.now }: AssertionOptions = {}) {
  let kept: Assertion | undefined;
  let asking: Promise<Assertion> | undefined;
  return async (attempt: string): Promise<Assertion> => {
    if (kept !== undefined && kept.until - MARGIN > now()) return kept;
    asking ??= askSts(attempt, region, now).finally(() => {
      asking = undefined;
    });
    kept = await asking;
    return kept;
  };
}

async function askSts(attempt: string, region: string | undefined, now: () => number): Promise<Assertion> {
  const { GetWebIdentityTokenCommand, STSClient } = await import('@aws-sdk/client-sts');
  const sts = new STSClient(region === undefined ? {} : { region });
  const input = { Audience: [AUDIENCE], SigningAlgorithm: 'RS256', DurationSeconds: LASTS };
  try {
    const { WebIdentityToken: text = '', Expiration } = await sts.send(new GetWebIdentityTokenCommand(input));
    const { sub, iss } = jwtClaims(text);
    const until = Expiration?.getTime() ?? now() + LASTS * 1000;
    return { text, subject: String(sub ?? ''), issuer: String(iss ?? ''), until };
  } catch (error) {
    throw stsError(error, attempt, await sts.config.region().catch(() => 'no Region'));
  } finally {
    sts.destroy();
  }
}

function stsError(error: unknown, attempt: string, region: string): ArchweaveError {
  if (isArchweaveError(error)) return error;
  const {
    name = '',
    message = '',
    $metadata,
  } = error as {
    readonly name?: string;
    readonly message?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  const url = new URL(`https://sts.${region}.amazonaws.com`);
  if (status === undefined && name !== 'CredentialsProviderError' && !message.startsWith('Region is missing'))
    return networkError(error, { attempt, method: 'POST', url });
  const told = { attempt, where: `GetWebIdentityToken in ${region} -> ${status ?? 'not sent'} ${name}` };
  const facts = { ...told, ...(status !== undefined && { status }) };
  const words = oneLine(message);
  if (/^OutboundWebIdentityFederationDisabled/.test(name)) {
    const reason = 'this AWS account vouches for nobody outside of AWS';
    const next = 'aws iam enable-outbound-web-identity-federation';
    return new ArchweaveError({ ...facts, code: 'unauthorized', reason, next });
  }
  if (/^AccessDenied/.test(name)) {
    const reason = 'the IAM action sts:GetWebIdentityToken is not allowed';
    const next = `allow sts:GetWebIdentityToken with the audience ${AUDIENCE} and up to ${LASTS} s`;
    return new ArchweaveError({ ...facts, code: 'forbidden', reason, next });
  }
  if (/^Throttl|^TooManyRequests/.test(name) || status === 429)
    return new ArchweaveError({ ...facts, code: 'throttled', retryable: true });
  if (status !== undefined && status >= 500) {
    const reason = `STS failed (${status}: ${words})`;
    return new ArchweaveError({ ...facts, code: 'registry-failed', reason, retryable: true });
  }
  const reason = `AWS does not say who this is: ${words}`;
  return new ArchweaveError({ ...facts, code: 'unauthorized', reason, next: 'aws sts get-caller-identity' });
}
