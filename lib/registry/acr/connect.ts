import { Authorizer } from '../oci/authorizer.ts';
import { Client } from '../oci/client.ts';
import { Endpoint } from '../oci/endpoint.ts';
import { loginSource } from '../oci/login.ts';
import { PATIENT } from '../oci/retry.ts';
import type { AcrAccess } from './access.ts';
import { acrLogin } from './acr-login.ts';
import type { AzureIdentity } from './azure-identity.ts';
import type { AcrClients } from './clients.ts';
import type { AcrOptions } from './open.ts';

/** What all calls to one registry share: tokens, connections and clients, none of which is made before it is needed. */
export function connect(options: AcrOptions): AcrAccess {
  const { host, timeout = 30_000, onRequest, env = process.env, now = Date.now } = options;
  const wire = {
    // Looked up at each call, so that a program may still replace it.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeout,
    ...(onRequest !== undefined && { onRequest }),
  };
  const means = { wire, retry: { ...PATIENT, ...options.retry }, now };
  let identity: Promise<AzureIdentity> | undefined;
  let next = 'az login';
  const whoAsks = async () => {
    identity ??= options.identity();
    const known = await identity;
    next = known.next;
    return known;
  };
  const login = acrLogin(whoAsks, means, loginSource(undefined, env));
  // What ACR's documentation says that it asks for; a registry that asks for something else is given that instead.
  const parameters = { realm: `https://${host}/oauth2/token`, service: host };
  const authorizer = new Authorizer(host, login, means, { scheme: 'bearer', parameters });
  let clients: Promise<AcrClients> | undefined;
  return {
    host,
    client: new Client(new Endpoint(host, false), authorizer, means),
    clients: () => {
      clients ??= import('./clients.ts').then(({ acrClients }) =>
        acrClients(host, { host, authorizer, now, ...(onRequest !== undefined && { onRequest }) }),
      );
      return clients;
    },
    authorizer,
    login: () => next,
    timeout,
  };
}
