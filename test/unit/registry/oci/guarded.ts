import type { IncomingMessage, ServerResponse } from 'node:http';

/** The 401 of a registry that names its token server. */
export function challenge(realm: string, scope = 'repository:app:pull') {
  const header = `Bearer realm="${realm}",service="reg",scope="${scope}"`;
  return {
    status: 401,
    headers: { 'www-authenticate': header },
    body: { errors: [{ code: 'UNAUTHORIZED' }] },
  };
}

/** Answers with `good` to whoever has a token of `tokens`, and with a challenge to others. */
export function guarded(
  realm: string,
  tokens: ReadonlySet<string>,
  good: { status?: number; headers?: Record<string, string>; body?: Uint8Array },
  scope?: string,
) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const ok = tokens.has(request.headers.authorization?.slice('Bearer '.length) ?? '');
    const { status = 200, headers = {}, body } = ok ? good : { ...challenge(realm, scope), body: undefined };
    response.writeHead(status, headers).end(body ?? '{}');
  };
}
