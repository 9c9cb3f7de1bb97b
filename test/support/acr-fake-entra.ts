import type { AcrFault, AcrWorld } from './acr-fake-world.ts';

/** What Entra answers, or undefined where the path is none of its own. `origin` is where it was asked. */
export function entra(
  world: AcrWorld,
  path: string,
  form: URLSearchParams,
  origin: string,
): AcrFault | undefined {
  const [, tenant = '', rest = ''] = /^\/([^/]+)\/(.*)$/.exec(path) ?? [];
  if (rest.endsWith('.well-known/openid-configuration')) return configuration(`${origin}/${tenant}`);
  if (rest !== 'oauth2/v2.0/token') return undefined;
  if (tenant !== world.tenant) return refuse(90002, `Tenant '${tenant}' not found.`);
  const client = form.get('client_id') ?? '';
  if (client !== world.clientId)
    return refuse(700016, `Application with identifier '${client}' was not found in the directory.`);
  const wrong = form.has('client_assertion')
    ? wrongAssertion(world, form.get('client_assertion')!)
    : form.get('client_secret') === world.secret
      ? undefined
      : refuse(7000215, 'Invalid client secret provided.', 401);
  if (wrong !== undefined) return wrong;
  const scope = form.get('scope') ?? '';
  const token = world.tokens.make({ kind: 'entra', sub: client, aud: scope, tid: tenant }, world.entraLasts);
  return {
    status: 200,
    body: {
      token_type: 'Bearer',
      expires_in: world.entraLasts,
      ext_expires_in: world.entraLasts,
      access_token: token,
    },
  };
}

function wrongAssertion(world: AcrWorld, assertion: string): AcrFault | undefined {
  const part = (at: number) =>
    JSON.parse(Buffer.from(assertion.split('.')[at] ?? '', 'base64url').toString() || '{}');
  const { alg } = part(0);
  const { sub, iss, aud, exp } = part(1);
  if (alg !== 'RS256') return refuse(700027, `The assertion is signed by ${alg}.`);
  if (!(exp * 1000 > Date.now()))
    return refuse(700024, 'Client assertion is not within its valid time range.');
  if (![aud].flat().includes('api://AzureADTokenExchange'))
    return refuse(
      700212,
      `No matching federated identity record found for presented assertion audience '${aud}'.`,
    );
  if (world.federated.length === 0) return undefined;
  if (!world.federated.some(({ issuer }) => issuer === iss))
    return refuse(
      700211,
      `No matching federated identity record found for presented assertion issuer '${iss}'.`,
    );
  // To the letter, in its case too.
  if (!world.federated.some(({ subject }) => subject === sub))
    return refuse(
      700213,
      `No matching federated identity record found for presented assertion subject '${sub}'.`,
    );
  return undefined;
}

function refuse(code: number, words: string, status = 400): AcrFault {
  const ids = 'Trace ID: 11111111-0000 Correlation ID: 22222222-0000 Timestamp: 2026-01-01 00:00:00Z';
  const error = status === 401 ? 'invalid_client' : 'invalid_request';
  return {
    status,
    body: { error, error_description: `AADSTS${code}: ${words} ${ids}`, error_codes: [code] },
  };
}

function configuration(base: string): AcrFault {
  return {
    status: 200,
    body: {
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      issuer: `${base}/v2.0`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  };
}
