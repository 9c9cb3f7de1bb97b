import { ArchweaveError, type ErrorFacts, isArchweaveError } from '../../errors.ts';
import { oneLine } from '../oci/describe.ts';
import { networkError } from '../oci/network-error.ts';

/** What was asked of ECR. */
export interface Asked {
  /** As IAM names it after `ecr:`. */
  readonly operation: string;
  readonly attempt: string;
  readonly reference?: string;
  readonly repository?: string;
  readonly host: string;
  readonly region?: string;
}

type Meaning = Omit<ErrorFacts, 'attempt'>;

/** As much of the SDK's errors as is looked at. */
interface Said {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  readonly kmsError?: string;
  readonly throttling: boolean;
}

const THROTTLED = /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|RequestThrottled)/;
const UNKNOWN_CALLER =
  /^(UnrecognizedClient|InvalidSignature|InvalidClientTokenId|InvalidAccessKeyId|MissingAuthenticationToken|IncompleteSignature|SignatureDoesNotMatch|NotAuthorized)/;
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;

const CREDENTIALS = "the AWS SDK's chain: environment, profile and SSO, web identity, container, instance";

/** What a failure of the SDK means. Its message is quoted where it is ECR's own; no address of a layer is in it. */
export function ecrError(error: unknown, asked: Asked, signal?: AbortSignal): ArchweaveError {
  if (isArchweaveError(error)) return error;
  const { attempt, operation, region, reference } = asked;
  const facts = { attempt, ...(reference !== undefined && { reference }) };
  const said = read(error);
  if (said.status === undefined && !isUnsent(said) && !isNotEcr(said))
    return unanswered(error, asked, signal);
  const where = `${operation} in ${region ?? 'no Region'} -> ${said.status ?? 'not sent'} ${said.name}`;
  const { status } = said;
  const meaning = meaningOf(said, asked);
  return new ArchweaveError({
    ...facts,
    where,
    ...(status !== undefined && { status }),
    ...meaning,
    cause: withoutRequest(error),
  });
}

/** No answer at all, or none that is ECR's. */
function unanswered(error: unknown, asked: Asked, signal: AbortSignal | undefined): ArchweaveError {
  const { attempt, reference, operation, region } = asked;
  const url = new URL(`https://ecr.${region ?? 'aws'}`);
  const met = { attempt, method: 'POST', url, ...(reference !== undefined && { reference }) };
  const { code, reason, where = '', cause, retryable } = networkError(error, met, signal);
  const outcome = where.replace(/^.* -> /, '');
  return new ArchweaveError({
    ...{ code, reason, attempt, cause, retryable },
    ...(reference !== undefined && { reference }),
    where: `${operation} in ${region ?? 'no Region'} -> ${outcome}`,
    next: code === 'unreachable' ? 'is the Region right, and is there a way to it?' : 'run it again',
  });
}

function meaningOf(said: Said, asked: Asked): Meaning {
  const { name, message, status = 0 } = said;
  const words = oneLine(message);
  if (isUnsent(said)) return notSent(words);
  if (isNotEcr(said) && status < 500) {
    const reason = `something answers in the place of ECR, but not as ECR does${status ? ` (${status})` : ''}`;
    return { code: 'not-a-registry', reason, next: 'is a proxy in the way, or AWS_ENDPOINT_URL set?' };
  }
  if (THROTTLED.test(name) || (said.throttling && name !== 'LimitExceededException') || status === 429)
    return { code: 'throttled', retryable: true, next: 'again later, with less at once' };
  if (/^Expired/.test(name)) return refusedCaller('the AWS credentials have expired', asked);
  if (UNKNOWN_CALLER.test(name)) return refusedCaller(`the AWS credentials are not taken: ${words}`, asked);
  if (/^AccessDenied|^Unauthorized|^Forbidden/.test(name)) return notAllowed(message, asked);
  const known = Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  if (known !== undefined) return known(said, asked, words);
  if (status >= 500) {
    const quote = words && !isNotEcr(said) ? `: ${words}` : '';
    const reason = `the registry failed (${status}${quote})`;
    return { code: 'registry-failed', reason, retryable: true, next: 'again later' };
  }
  return { code: 'registry-failed', reason: `the registry refuses it (${name}: ${words})` };
}

const MEANINGS: Readonly<Record<string, (said: Said, asked: Asked, words: string) => Meaning>> = {
  RepositoryNotFoundException: (_, { repository, region }) => ({
    code: 'no-repository',
    ...(repository !== undefined && {
      next: `aws ecr create-repository --repository-name ${repository}${region ? ` --region ${region}` : ''}`,
    }),
  }),
  ImageTagAlreadyExistsException: () => ({ code: 'immutable-tag', next: 'use another tag' }),
  // What it refers to may have been deleted while it was made, so that another look may make a better one.
  ReferencedImagesNotFoundException: ({ message }) => missing(message, true),
  LayersNotFoundException: ({ message }) => missing(message, false),
  ImageDigestDoesNotMatchException: () => ({ code: 'digest-mismatch', next: 'nothing was written' }),
  InvalidLayerException: () => ({ code: 'digest-mismatch', next: 'nothing was written' }),
  InvalidParameterException: (_, __, words) => ({
    code: 'unsupported',
    reason: `ECR refuses it: ${words}`,
  }),
  ValidationException: (_, __, words) => ({ code: 'unsupported', reason: `ECR refuses it: ${words}` }),
  LayerPartTooSmallException: (_, __, words) => ({ code: 'unsupported', reason: `ECR refuses it: ${words}` }),
  LimitExceededException: (_, { operation, region = '' }, words) =>
    // Reads have no quota but their rate.
    /^(Batch|Describe|List|Get)/.test(operation)
      ? { code: 'throttled', retryable: true, next: 'again later, with less at once' }
      : {
          code: 'quota-exceeded',
          reason: `a quota of ECR is used up: ${words}`,
          next: `aws service-quotas list-service-quotas --service-code ecr${region && ` --region ${region}`}`,
        },
  KmsException: ({ kmsError = '' }, _, words) =>
    THROTTLED.test(kmsError)
      ? { code: 'throttled', retryable: true, next: 'again later, with less at once' }
      : {
          code: 'forbidden',
          reason: `the repository's encryption key cannot be used (${oneLine(kmsError) || 'KMS'}: ${words})`,
          next: 'the state and the policy of the KMS key',
        },
  ServerException: (_, __, words) => failing(words),
  UnableToGetUpstreamImageException: (_, __, words) => failing(words),
  UnableToGetUpstreamLayerException: (_, __, words) => failing(words),
  UnableToListUpstreamImageReferrersException: (_, __, words) => failing(words),
  BlockedByOrganizationPolicyException: (_, __, words) => ({ code: 'forbidden', reason: words }),
  ImageArchivedException: () => ({ code: 'archived' }),
};

function failing(words: string): Meaning {
  const reason = `the registry failed${words && `: ${words}`}`;
  return { code: 'registry-failed', reason, retryable: true, next: 'again later' };
}

function missing(message: string, retryable: boolean): Meaning {
  const digest = /sha256:[0-9a-f]{64}/.exec(message)?.[0];
  return {
    code: 'child-gone',
    ...(digest !== undefined && { reason: `the registry does not have ${digest}` }),
    retryable,
  };
}

/** IAM says who may not do what; the resource is the repository, which the attempt names. */
function notAllowed(message: string, { operation }: Asked): Meaning {
  const action = /\b(?:ecr|kms|sts):[A-Za-z]+/.exec(message)?.[0] ?? `ecr:${operation}`;
  const who = /\barn:[^\s"']+/.exec(message)?.[0];
  return {
    code: 'forbidden',
    reason: `the IAM action ${action} is not allowed`,
    ...(who !== undefined && { tried: `the AWS credentials of ${oneLine(who)}` }),
    next: `allow ${action} on the repository, or use another AWS_PROFILE`,
  };
}

function refusedCaller(reason: string, { region }: Asked): Meaning {
  const next = `aws sts get-caller-identity${region ? ` --region ${region}` : ''}`;
  return { code: 'unauthorized', reason, tried: CREDENTIALS, next };
}

function isUnsent({ name, message }: Said): boolean {
  return NO_CREDENTIALS.test(name) || message.startsWith('Region is missing');
}

/** The SDK reads every answer as JSON, also that of a proxy. */
function isNotEcr({ name, message }: Said): boolean {
  return name === 'SyntaxError' || message.includes('Deserialization error');
}

/** The SDK could not even begin: without credentials, without a Region. */
function notSent(words: string): Meaning {
  if (/region/i.test(words)) {
    const reason = 'no AWS Region is configured';
    return { code: 'bad-config', reason, next: 'AWS_REGION, or a region in the profile' };
  }
  const reason = `there are no AWS credentials${words && ` (${words})`}`;
  return { code: 'unauthorized', reason, tried: CREDENTIALS, next: 'aws configure sso, or AWS_PROFILE' };
}

/** The SDK hangs its request on an error, signature and session token and all. */
function withoutRequest(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  const { name, message, stack } = error;
  const told = new Error(message);
  Object.defineProperty(told, 'name', { value: name });
  return Object.defineProperty(told, 'stack', { value: stack });
}

function read(error: unknown): Said {
  const { name, message, $metadata, kmsError, $retryable } = error as {
    readonly name?: unknown;
    readonly message?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly kmsError?: string;
    readonly $retryable?: { readonly throttling?: boolean };
  };
  return {
    name: typeof name === 'string' ? name : '',
    message: typeof message === 'string' ? message : '',
    status: $metadata?.httpStatusCode,
    ...(kmsError !== undefined && { kmsError }),
    throttling: $retryable?.throttling === true,
  };
}
