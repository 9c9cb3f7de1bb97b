import { ArchweaveError, isArchweaveError } from '../../errors.ts';
import { answerError, isHtml, pageInstead } from './answer-error.ts';
import type { Authorizer } from './authorizer.ts';
import { BodyTooLong, readBody, readBodyStart } from './body.ts';
import type { Answer, Call } from './call.ts';
import { describeRequest } from './describe.ts';
import type { Endpoint } from './endpoint.ts';
import { exchange, type Incoming, type Wire } from './exchange.ts';
import { mayBeTls, networkError } from './network-error.ts';
import { Patience } from './patience.ts';
import { persistently, type Resend, type RetryPolicy } from './retry.ts';
import { parseScope } from './scope.ts';

const MOST_ERROR_BYTES = 64 * 1024;

export interface ClientMeans {
  readonly wire: Wire;
  readonly retry: RetryPolicy;
  readonly now: () => number;
}

/** Sends requests to one registry: logged in, within their deadline, again where that is safe, errors understood. */
export class Client {
  readonly endpoint: Endpoint;
  readonly #authorizer: Authorizer;
  readonly #means: ClientMeans;

  constructor(endpoint: Endpoint, authorizer: Authorizer, means: ClientMeans) {
    this.endpoint = endpoint;
    this.#authorizer = authorizer;
    this.#means = means;
  }

  /**
   * The answer with its whole body. Throws `too-large` where that is longer than `limit`; without one, the start of
   * the body is enough, because what a write came to stands in its status.
   */
  async request(call: Call): Promise<Answer> {
    return this.#repeat(call, async ({ response, url }) => {
      const bytes = await (call.limit === undefined
        ? readBodyStart(response, MOST_ERROR_BYTES)
        : readBody(response, call.limit));
      return { status: response.status, headers: response.headers, url, bytes };
    });
  }

  /**
   * The answer with its body as it comes. The deadline is one for each 64 KiB from then on, so that a body may take
   * long, but not stand still; a body that breaks is not begun again.
   */
  async open(
    call: Call,
  ): Promise<{ readonly status: number; readonly headers: Headers; body: AsyncIterable<Uint8Array> }> {
    return this.#repeat(call, async ({ response, url }, patience) => ({
      status: response.status,
      headers: response.headers,
      body: this.#flow(call, url, response, patience),
    }));
  }

  /** Runs several requests that make one, again from the start where waiting may help. */
  async persistently<T>(resend: Resend, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return persistently(work, resend, this.#means.retry, signal);
  }

  async #repeat<T>(call: Call, read: (incoming: Incoming, patience: Patience) => Promise<T>): Promise<T> {
    return this.persistently(call.resend, call.signal, () => this.#once(call, read));
  }

  async #once<T>(call: Call, read: (incoming: Incoming, patience: Patience) => Promise<T>): Promise<T> {
    const patience = new Patience(this.#means.wire.timeout, call.signal);
    try {
      const incoming = await this.#admitted(call, patience);
      const { status, headers } = incoming.response;
      if (!call.hoped.includes(status)) throw await this.#refusal(call, incoming);
      if (!call.pageIsFine && isHtml(headers)) throw await this.#noRegistry(call, incoming);
      return await read(incoming, patience);
    } catch (failure) {
      throw this.#understood(failure, call, this.#url(call), patience.signal);
    } finally {
      patience.pause();
    }
  }

  async #admitted(call: Call, patience: Patience): Promise<Incoming> {
    const scope = parseScope(call.scopes.join(' '));
    const registry = this.#url(call);
    const ours = registry.origin === this.endpoint.origin;
    const occasion = { attempt: call.attempt, registry, ...(call.signal && { signal: call.signal }) };
    // What a token server takes is its time and not the registry's.
    patience.pause();
    const authorization = ours ? await this.#authorizer.authorization(scope, occasion) : undefined;
    patience.resume();
    const incoming = await this.#spoken(call, authorization, patience);
    const { response, url } = incoming;
    if (response.status !== 401 || url.origin !== this.endpoint.origin || !ours) return incoming;
    patience.pause();
    const header = response.headers.get('www-authenticate');
    const renewed = await this.#authorizer.renewed(header, scope, authorization, {
      ...occasion,
      registry: url,
    });
    patience.renew();
    if (renewed === undefined || call.resend === 'never') return incoming;
    await readBodyStart(response, MOST_ERROR_BYTES);
    return this.#spoken(call, renewed, patience);
  }

  async #spoken(call: Call, authorization: string | undefined, patience: Patience): Promise<Incoming> {
    const send = () => {
      const { attempt, reference, method, headers, lend } = call;
      const body = typeof call.body === 'function' ? call.body(patience) : call.body;
      const more = {
        ...(reference && { reference }),
        ...(headers && { headers }),
        ...(body && { body }),
        ...(lend && { lend }),
      };
      const known = authorization === undefined ? {} : { authorization };
      const outgoing = { attempt, method, url: this.#url(call), ...more, ...known };
      return exchange(outgoing, this.#means.wire, patience);
    };
    let incoming: Incoming;
    try {
      incoming = await send();
    } catch (error) {
      const tls = isArchweaveError(error) && mayBeTls(error.cause) && (await this.#turnsToTls(call));
      if (!tls || typeof call.body === 'function') throw error;
      return send();
    }
    // Servers written in Go answer plain http on their TLS port with a 400 of their own.
    if (incoming.response.status === 400 && (await this.#turnsToTls(call))) {
      await incoming.response.body?.cancel();
      return send();
    }
    this.endpoint.confirm();
    return incoming;
  }

  async #turnsToTls(call: Call): Promise<boolean> {
    return this.endpoint.turnsToTls(async url => {
      const patience = new Patience(this.#means.wire.timeout, call.signal);
      try {
        const { response } = await exchange(
          { attempt: call.attempt, method: 'GET', url },
          this.#means.wire,
          patience,
        );
        await response.body?.cancel();
        return true;
      } catch (error) {
        return isArchweaveError(error) && error.code === 'bad-certificate';
      } finally {
        patience.pause();
      }
    });
  }

  #url(call: Call): URL {
    return typeof call.at === 'string' ? this.endpoint.url(call.at) : call.at;
  }

  async #refusal(call: Call, { response, url }: Incoming): Promise<ArchweaveError> {
    const bytes = await readBodyStart(response, MOST_ERROR_BYTES);
    const { tried, next } = this.#authorizer;
    return answerError({
      attempt: call.attempt,
      ...(call.reference !== undefined && { reference: call.reference }),
      method: call.method,
      url,
      status: response.status,
      headers: response.headers,
      bytes,
      now: this.#means.now(),
      host: this.endpoint.host,
      ...(tried !== undefined && { tried }),
      ...(next !== undefined && { next }),
      scrub: text => this.#authorizer.scrub(text),
    });
  }

  async #noRegistry(call: Call, { response, url }: Incoming): Promise<ArchweaveError> {
    await response.body?.cancel();
    return this.notRegistry(call, { status: response.status, headers: response.headers, url });
  }

  /** The error for an answer that no registry would give, although its status is fine. */
  notRegistry(call: Call, { status, headers, url }: Omit<Answer, 'bytes'>): ArchweaveError {
    return new ArchweaveError({
      attempt: call.attempt,
      ...(call.reference !== undefined && { reference: call.reference }),
      where: `${describeRequest(call.method, url)} -> ${status}`,
      status,
      ...pageInstead({ status, headers, url, host: this.endpoint.host }),
    });
  }

  #understood(failure: unknown, call: Call, url: URL, signal: AbortSignal): ArchweaveError {
    if (isArchweaveError(failure)) return failure;
    const { attempt, reference, method } = call;
    const asked = { attempt, ...(reference !== undefined && { reference }), method, url };
    if (!(failure instanceof BodyTooLong)) return networkError(failure, asked, signal);
    const where = describeRequest(method, url);
    const reason = `it is larger than archweave reads (${failure.message})`;
    return new ArchweaveError({ code: 'too-large', attempt, reason, where, ...(reference && { reference }) });
  }

  async *#flow(call: Call, url: URL, response: Response, patience: Patience): AsyncGenerator<Uint8Array> {
    let since = 0;
    try {
      patience.renew();
      for await (const part of response.body ?? []) {
        patience.pause();
        since += part.length;
        yield part;
        if (since >= MOST_ERROR_BYTES) since = 0;
        if (since === 0) patience.renew();
        else patience.resume();
      }
    } catch (failure) {
      throw this.#understood(failure, call, url, patience.signal);
    } finally {
      patience.pause();
    }
  }
}
