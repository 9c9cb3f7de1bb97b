import { isArchweaveError } from '../../errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Login, LoginSearch, LoginSource } from './login.ts';
import { coversScope, formatScope, mergeScopes, parseScope, type Scope } from './scope.ts';
import { basic, fetchToken, type Token, type TokenMeans } from './token.ts';

/** On whose behalf an authorization is asked for. */
export interface Occasion {
  readonly attempt: string;
  readonly registry: URL;
  readonly signal?: AbortSignal;
}

/**
 * Knows how to get in to one registry: nothing until the registry asks (or by a `challenge` that is known beforehand),
 * then its tokens by scope, each fetched once however many requests wait for it, and again once it has expired.
 */
export class Authorizer {
  readonly #host: string;
  readonly #source: LoginSource;
  readonly #means: TokenMeans;
  #challenge: Challenge | undefined;
  #search: Promise<LoginSearch> | undefined;
  #found: LoginSearch | undefined;
  readonly #tokens: { readonly scope: Scope; readonly token: Token }[] = [];
  readonly #fetching = new Map<string, Promise<Token>>();

  constructor(host: string, source: LoginSource, means: TokenMeans, challenge?: Challenge) {
    this.#challenge = challenge;
    this.#host = host;
    this.#source = source;
    this.#means = means;
  }

  /** The header to send along from the start; undefined while the registry has not asked for one. */
  async authorization(wanted: Scope, occasion: Occasion): Promise<string | undefined> {
    return this.#challenge && this.#authorize(this.#challenge, wanted, occasion);
  }

  /**
   * The header with which to try once more after a 401, or undefined where there is nothing better than what was
   * `refused`. A login that was taken before and is not any more is looked for once again.
   */
  async renewed(
    header: string | null,
    wanted: Scope,
    refused: string | undefined,
    occasion: Occasion,
  ): Promise<string | undefined> {
    const challenges = parseChallenges(header);
    const challenge =
      challenges.find(({ scheme }) => scheme === 'bearer') ??
      challenges.find(({ scheme }) => scheme === 'basic');
    if (challenge === undefined) return undefined;
    this.#challenge = challenge;
    this.#forget(refused);
    const needed = mergeScopes(wanted, parseScope(challenge.parameters.scope ?? ''));
    const authorization = await this.#authorize(challenge, needed, occasion);
    if (authorization === undefined || authorization !== refused) return authorization;
    const changed = await this.#hasChanged(this.#found?.login, occasion.signal);
    return changed ? this.#authorize(challenge, needed, occasion, false) : undefined;
  }

  /** Where credentials were looked for and what came of it, without any secret. */
  get tried(): string | undefined {
    return this.#found && refusalOf(this.#found);
  }

  /** What to do where that was not taken, if whoever found it knows. */
  get next(): string | undefined {
    return this.#found?.next;
  }

  /** Takes what this knows and nobody else should out of a text. */
  scrub(text: string): string {
    const login = this.#found?.login;
    const secrets = [
      login?.password,
      login?.identityToken,
      login?.registryToken,
      login && basic(login).slice(6),
    ];
    for (const { token } of this.#tokens) secrets.push(token.text);
    return secrets.reduce<string>(
      (clean, secret) => (secret ? clean.replaceAll(secret, '***') : clean),
      text,
    );
  }

  async #authorize(
    challenge: Challenge,
    wanted: Scope,
    occasion: Occasion,
    mayAskAgain = this.#found !== undefined,
  ): Promise<string | undefined> {
    const found = await this.#login(occasion.signal);
    const { login } = found;
    if (challenge.scheme === 'basic') return login?.password === undefined ? undefined : basic(login);
    if (login?.registryToken !== undefined) return `Bearer ${login.registryToken}`;
    const now = this.#means.now();
    const known = this.#tokens.find(({ scope, token }) => token.until > now && coversScope(scope, wanted));
    if (known) return `Bearer ${known.token.text}`;
    const scopes = formatScope(wanted);
    const key = scopes.join(' ');
    const { attempt, registry, signal } = occasion;
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      const request = {
        attempt,
        registry,
        host: this.#host,
        challenge,
        scopes,
        login,
        tried: refusalOf(found),
        ...(found.next !== undefined && { next: found.next }),
      };
      fetching = fetchToken(request, this.#means)
        .then(token => this.#keep(wanted, token))
        .finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    try {
      return `Bearer ${(await orAborted(fetching, signal)).text}`;
    } catch (error) {
      if (!isArchweaveError(error)) throw error;
      if (mayAskAgain && error.code === 'unauthorized' && (await this.#hasChanged(login, signal)))
        return this.#authorize(challenge, wanted, occasion, false);
      // It may have been fetched for another request, whose attempt the error names.
      throw error.with({ attempt });
    }
  }

  /**
   * Whether there is another login by now than the one that was used. Those of credential helpers end, ECR's after
   * twelve hours, and a process may run for weeks.
   */
  async #hasChanged(used: Login | undefined, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#found?.login === used) this.#search = undefined;
    const { login } = await this.#login(signal);
    return login !== undefined && !isShownAs(login, used);
  }

  async #login(signal: AbortSignal | undefined): Promise<LoginSearch> {
    if ((this.#found?.login?.until ?? Number.POSITIVE_INFINITY) <= this.#means.now()) {
      this.#found = undefined;
      this.#search = undefined;
    }
    this.#search ??= this.#searching();
    this.#found = await orAborted(this.#search, signal);
    return this.#found;
  }

  #searching(): Promise<LoginSearch> {
    const search = this.#source(this.#host).catch(error => {
      if (this.#search === search) this.#search = undefined;
      throw error;
    });
    return search;
  }

  #keep(scope: Scope, token: Token): Token {
    const now = this.#means.now();
    const kept = this.#tokens.filter(entry => entry.token.until > now && !coversScope(scope, entry.scope));
    this.#tokens.splice(0, this.#tokens.length, ...kept, { scope, token });
    return token;
  }

  #forget(refused: string | undefined): void {
    const at = this.#tokens.findIndex(({ token }) => `Bearer ${token.text}` === refused);
    if (at !== -1) this.#tokens.splice(at, 1);
  }
}

/** Whether both are the same to a registry, which hears nothing of how long we use one. */
function isShownAs(login: Login, used: Login | undefined): boolean {
  const { until: _, ...shown } = login;
  const { until: __, ...before } = used ?? {};
  return JSON.stringify(shown) === JSON.stringify(before);
}

function refusalOf({ login, tried }: LoginSearch): string {
  return login ? `${tried.join('; ')} refused` : [...tried, 'anonymous refused'].join('; ');
}

/** Ends the waiting, not the work: others may wait for it too. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
