import { ArchweaveError, type ErrorFacts, isArchweaveError } from '../../errors.ts';
import { oneLine } from '../oci/describe.ts';
import { networkError } from '../oci/network-error.ts';

/** Who asked Entra, and as what. */
export interface AskedEntra {
  readonly attempt: string;
  readonly authority: string;
  readonly tenant?: string;
  readonly clientId?: string;
  readonly name: string;
  readonly next: string;
  /** What an identity of AWS says of itself: its role and who vouches for it. */
  readonly assertion?: { readonly subject: string; readonly issuer: string; readonly audience: string };
}

type Meaning = Omit<ErrorFacts, 'attempt'>;

/** As much of the Azure SDK's errors as is looked at. */
interface Said {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly statusCode?: unknown;
  readonly errorResponse?: { readonly errorDescription?: unknown };
  readonly errors?: unknown;
}

/** Whether nobody is logged in, so that there is nobody to be refused. */
export function isNobody(error: unknown): boolean {
  const { name, message, errors } = error as Said;
  if (name === 'AggregateAuthenticationError') return Array.isArray(errors) && errors.every(isNobody);
  // The SDK calls Entra's refusals by the same name.
  return (
    /^(CredentialUnavailable|AuthenticationRequired)Error$/.test(String(name)) && !codeIn(String(message))
  );
}

/** What a failure to get a token of Entra means. Entra's own words are quoted without its trace and correlation ids. */
export function entraError(error: unknown, asked: AskedEntra, signal?: AbortSignal): ArchweaveError {
  if (isArchweaveError(error)) return error.with({ attempt: asked.attempt });
  const { attempt, authority, tenant } = asked;
  const url = new URL(`${authority}${tenant === undefined ? '' : `/${tenant}`}/oauth2/v2.0/token`);
  const { name, message, statusCode, errorResponse } = error as Said;
  if (signal?.aborted || !/^(Authentication|CredentialUnavailable|Aggregate)/.test(String(name)))
    return networkError(error, { attempt, method: 'POST', url }, signal);
  const words = String(errorResponse?.errorDescription ?? message ?? '');
  const code = codeIn(words);
  const status = typeof statusCode === 'number' ? statusCode : undefined;
  return new ArchweaveError({
    attempt,
    where: `POST ${url.origin}${url.pathname} -> ${code === undefined ? 'no token' : `AADSTS${code}`}`,
    tried: asked.name,
    ...(code === undefined
      ? withoutCode(oneLine(withoutIds(words)), status, url)
      : meaningOf(code, oneLine(withoutIds(words)), asked)),
  });
}

function codeIn(words: string): string | undefined {
  return /AADSTS(\d+)/.exec(words)?.[1];
}

/** Entra names a code for whatever it decides: without one, it was not Entra, or it failed. */
function withoutCode(words: string, status: number | undefined, { host }: URL): Meaning {
  if (status === 429) return { code: 'throttled', retryable: true, next: 'again later, with less at once' };
  const reason = `${host} gives no token (${words})`;
  return { code: 'unreachable', reason, retryable: true, next: `is there a way to ${host}?` };
}

function meaningOf(code: string, words: string, asked: AskedEntra): Meaning {
  const known = Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  if (known !== undefined) return known(asked, words);
  return { code: 'unauthorized', reason: `Entra refuses it: ${words}`, next: asked.next };
}

// https://learn.microsoft.com/entra/identity-platform/reference-error-codes
const MEANINGS: Readonly<Record<string, (asked: AskedEntra, words: string) => Meaning>> = {
  // Said of a credential that is not there, and for some minutes of one that was made just now.
  '70021': asked => ({ ...unknownAssertion(asked), retryable: true }),
  '700213': asked => unknownAssertion(asked, 'subject'),
  '700211': asked => unknownAssertion(asked, 'issuer'),
  '700212': asked => unknownAssertion(asked, 'audience'),
  '700016': ({ clientId = 'the application', tenant = 'this tenant' }) => ({
    code: 'unauthorized',
    reason: `Entra knows no ${clientId} in tenant ${tenant}`,
    next: 'tenant and clientId of the registry in archweave.yaml: az identity show --query "[tenantId,clientId]"',
  }),
  '90002': ({ tenant = 'this tenant' }) => ({
    code: 'unauthorized',
    reason: `Entra knows no tenant ${tenant}`,
    next: 'tenant of the registry in archweave.yaml: az account show --query tenantId',
  }),
  '7000215': (_, words) => ({ code: 'unauthorized', reason: words, next: 'is AZURE_CLIENT_SECRET right?' }),
  '7000222': (_, words) => ({
    code: 'unauthorized',
    reason: words,
    next: 'az ad app credential reset, or a managed identity, which has no secret',
  }),
  '90033': (_, words) => ({ code: 'registry-failed', reason: words, retryable: true, next: 'again later' }),
  '50196': (_, words) => ({ code: 'throttled', reason: words, retryable: true, next: 'again later' }),
  '700024': () => ({
    code: 'unauthorized',
    reason: 'the proof of AWS had ended, or not begun, when Entra saw it',
    retryable: true,
    next: "is this machine's clock right?",
  }),
};

function unknownAssertion(
  { assertion, clientId }: AskedEntra,
  what?: 'subject' | 'issuer' | 'audience',
): Meaning {
  const { subject = 'nobody', issuer = 'nobody', audience = '' } = assertion ?? {};
  const value = { subject, issuer, audience };
  const where = clientId === undefined ? '' : ` of ${clientId}`;
  const reason =
    what === undefined
      ? `no federated credential${where} fits ${subject}, or it was made within the last minutes`
      : `no federated credential${where} has the ${what} ${value[what]}`;
  return {
    code: 'unauthorized',
    reason,
    next: `one with issuer ${issuer}, subject ${subject} and audience ${audience}: archweave azure bicep`,
  };
}

/** Entra's own sentence: what the SDK puts before it and Entra behind it helps nobody but Microsoft. */
function withoutIds(words: string): string {
  return words.replace(/^.*?(?=AADSTS\d)/s, '').replace(/[\s.-]*(Trace ID|Correlation ID|Timestamp):.*/s, '');
}
