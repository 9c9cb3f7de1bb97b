import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Access, AcrFakeTokens } from './acr-fake-tokens.ts';

/** The registry behind the fake, which keeps what is pushed; it is told who may do what by a token of its own. */
export class AcrUpstream {
  readonly #host: string;
  readonly #tokens: AcrFakeTokens;

  constructor(host: string, tokens: AcrFakeTokens) {
    this.#host = host;
    this.#tokens = tokens;
  }

  /** Asks for something in the fake's own name. */
  async ask(
    method: string,
    path: string,
    access: readonly Access[],
    { body = Buffer.alloc(0), type }: { readonly body?: Buffer; readonly type?: string } = {},
  ) {
    const accept =
      'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';
    const headers = {
      authorization: this.#authorization(access),
      accept,
      'content-length': String(body.length),
      ...(type !== undefined && { 'content-type': type }),
    };
    const answer = await this.#send(method, path, headers, body);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) };
  }

  /** Passes a request on and its answer back; `amend` may change a manifest on its way. */
  async pass(
    from: IncomingMessage,
    to: ServerResponse,
    access: readonly Access[],
    {
      body,
      amend,
    }: { readonly body?: Buffer; readonly amend?: (answer: IncomingMessage) => Promise<void> } = {},
  ): Promise<number> {
    const headers = {
      ...from.headers,
      authorization: this.#authorization(access),
      'x-forwarded-proto': 'https',
    };
    const answer = await this.#send(from.method!, from.url!, headers, body ?? from);
    // It is let in with whatever was asked for: that it is not would be a fault of the fake.
    if (answer.statusCode === 401)
      throw new Error(
        `upstream lets nobody in for ${from.method} ${from.url} with ${JSON.stringify(access)}`,
      );
    if (amend !== undefined && answer.statusCode === 200) await amend(answer);
    else {
      to.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(to);
    }
    return answer.statusCode ?? 502;
  }

  #authorization(access: readonly Access[]): string {
    return `Bearer ${this.#tokens.make({ kind: 'upstream', sub: 'acr', aud: SERVICE, access }, 300)}`;
  }

  #send(
    method: string,
    path: string,
    headers: NodeJS.Dict<string | string[]>,
    body: Buffer | IncomingMessage,
  ): Promise<IncomingMessage> {
    const [host, port] = this.#host.split(':');
    return new Promise((resolve, reject) => {
      const outgoing = request({ host, port, method, path, headers }, resolve);
      outgoing.on('error', reject);
      if (Buffer.isBuffer(body)) outgoing.end(body);
      else body.on('error', () => outgoing.destroy()).pipe(outgoing);
    });
  }
}

/** What upstream takes tokens for. */
export const SERVICE = 'fake-acr-upstream';

export async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
