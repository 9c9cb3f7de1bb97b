import { ArchweaveError } from '../../errors.ts';
import type { Login, LoginSource } from '../oci/login.ts';

const POINTER = 'secretsmanager:';
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/;

/** How long a login is used before its secret is read anew, in milliseconds: by then one that was rotated is known. */
const FRESH = 5 * 60_000;

/** The value of a secret of Secrets Manager. Rejects with what its SDK says. */
export type ReadSecret = (secret: string) => Promise<string | undefined>;

/**
 * Logs in with what a secret of Secrets Manager holds: `USER:PASSWORD`, or JSON with `username` and `password`, or
 * with `accessToken` in its place, as ECR has it for its own pull-through caches.
 *
 * Rejects with `unauthorized` where the secret cannot be read, retryable where that may pass, or holds no login.
 */
export function secretLogin(pointer: string, read: ReadSecret = fromAws, now = Date.now): LoginSource {
  const secret = pointer.slice(POINTER.length);
  return async host => {
    const login = loginIn(await read(secret).catch(error => Promise.reject(unreadable(host, secret, error))));
    if (login === undefined) {
      const next = '{"username": "...", "accessToken": "..."}   or USER:PASSWORD, as the value of the secret';
      throw new ArchweaveError({ ...about(host), reason: `the secret ${secret} holds no login`, next });
    }
    return {
      login: { ...login, until: now() + FRESH },
      tried: [`credentials of ${pointer}`],
      next: `aws secretsmanager put-secret-value --secret-id ${secret} --secret-string file://login.json`,
    };
  };
}

function loginIn(text = ''): Login | undefined {
  if (!text.trimStart().startsWith('{')) {
    const [, username, password] = /^([^:\s]+):(.+)$/.exec(text.trim()) ?? [];
    return username === undefined || password === undefined ? undefined : { username, password };
  }
  try {
    const {
      username,
      password,
      accessToken = password,
    } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (typeof username !== 'string' || typeof accessToken !== 'string') return undefined;
    return username === '' || accessToken === '' ? undefined : { username, password: accessToken };
  } catch {
    return undefined;
  }
}

/** Neither the SDK's message nor its cause is told on: what they quote is not ours to know. */
function unreadable(host: string, secret: string, error: unknown): ArchweaveError {
  const {
    name = 'Error',
    message = '',
    $metadata,
  } = error as {
    readonly name?: string;
    readonly message?: string;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const lacking = lackingOf(name, message);
  if (lacking !== undefined)
    return new ArchweaveError({
      ...about(host),
      reason: `the secret ${secret} cannot be read: ${lacking}`,
      next: 'aws configure sso, AWS_PROFILE or AWS_REGION; without AWS, credentials: env:NAME',
    });
  // Without a status there was no answer.
  const { httpStatusCode = 503 } = $metadata ?? {};
  const retryable = httpStatusCode >= 500 || /Throttling|TooManyRequests/.test(name);
  return new ArchweaveError({
    ...about(host),
    reason: `the secret ${secret} cannot be read (${name})`,
    retryable,
    next: `aws secretsmanager describe-secret --secret-id ${secret}`,
  });
}

/** What the SDK does not know, without which it asks nobody: a laptop may be no one to AWS. */
function lackingOf(name: string, message: string): string | undefined {
  if (NO_CREDENTIALS.test(name)) return 'there are no AWS credentials';
  return message.startsWith('Region is missing') ? 'no AWS Region is configured' : undefined;
}

function about(host: string) {
  return { code: 'unauthorized', attempt: `log in to ${host}` } as const;
}

/** The SDK is loaded when the first registry asks who is there. */
async function fromAws(secret: string): Promise<string | undefined> {
  const { readSecret } = await import('./read-secret.ts');
  return readSecret(secret);
}
