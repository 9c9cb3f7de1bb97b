import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveEmbedded } from '../unit/server/registry/embedded-fixture.ts';
import { arm, landImport } from './acr-fake-arm.ts';
import { entra } from './acr-fake-entra.ts';
import { answerManifest } from './acr-fake-manifests.ts';
import { metadata, metadataScope } from './acr-fake-metadata.ts';
import { AZURE_HOSTS, startAcrProxy } from './acr-fake-proxy.ts';
import { AcrFakeTokens, accessOf } from './acr-fake-tokens.ts';
import { AcrUpstream, bodyOf, SERVICE } from './acr-fake-upstream.ts';
import { type AcrFault, AcrWorld, refusal } from './acr-fake-world.ts';
import { startDockerRegistry } from './docker-registry.ts';
import { selfSigned } from './self-signed.ts';

export interface AcrFakeOptions {
  /** What keeps the images: Debian's docker-registry, which checks tokens itself, or the embedded one, which is fast. */
  readonly backend?: 'docker-registry' | 'embedded';
  readonly now?: () => number;
}

export interface AcrFake {
  /** `127.0.0.1:PORT`, over TLS: the registry, for clients of this process. */
  readonly host: string;
  /** The authority of Entra, for credentials of this process; no other knows it (`disableInstanceDiscovery`). */
  readonly authority: string;
  /** The certificate of both (PEM). */
  readonly ca: string;
  readonly world: AcrWorld;
  /**
   * For other processes, which then reach any `NAME.azurecr.io` and Entra by their real names, through a proxy, and
   * log in as the environment's application. Nothing of theirs is changed for it.
   */
  readonly env: Readonly<Record<string, string>>;
  /** The imports that hang end all the same. */
  landImports(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A registry of ACR and its tenant of Entra for tests, over TLS: what the Azure SDKs ask for, with the answers and
 * refusals that Microsoft documents, over a registry that keeps what is pushed. `world` changes it while it runs.
 */
export async function startAcrFake(options: AcrFakeOptions = {}): Promise<AcrFake> {
  const { backend = 'embedded', now = Date.now } = options;
  const tls = selfSigned(AZURE_HOSTS);
  const folder = mkdtempSync(join(tmpdir(), 'archweave-acr-'));
  const certificate = join(folder, 'ca.pem');
  writeFileSync(certificate, tls.cert);
  const tokens = new AcrFakeTokens(tls, now);
  const world = new AcrWorld(tokens);
  const issuer = { realm: 'https://127.0.0.1/oauth2/token', service: SERVICE, issuer: 'fake-acr' };
  const behind =
    backend === 'embedded'
      ? await serveEmbedded()
      : await startDockerRegistry({ token: { ...issuer, rootcertbundle: certificate } });
  const upstream = new AcrUpstream(behind.host, tokens);
  const server = createServer(tls, (request, response) => {
    answer(request, response).catch(error => send(response, { status: 502, body: String(error.stack) }));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: asked = '/' } = request;
    const url = new URL(asked, `https://${request.headers.host}`);
    // The SDK sends `team%2Fapp` and `sha256%3A…`.
    const path = decodeURIComponent(url.pathname) + url.search;
    url.pathname = decodeURIComponent(url.pathname);
    request.url = path;
    const call = { method, path };
    world.calls.push(call);
    const fault = world.faultOf(call);
    if (fault !== undefined) {
      await bodyOf(request);
      return send(response, fault);
    }
    if (url.pathname.startsWith('/subscriptions/')) {
      const body = String(await bodyOf(request));
      const { authorization } = request.headers;
      return send(response, await arm(world, upstream, { method, url, body, authorization }));
    }
    const isRegistry = /^\/(v2|acr)\//.test(url.pathname);
    if (!isRegistry) {
      const form = method === 'GET' ? url.searchParams : new URLSearchParams(String(await bodyOf(request)));
      const login =
        registryLogin(world, url.pathname, form, request.headers.authorization) ??
        entra(world, url.pathname, form, url.origin);
      return send(response, login ?? refusal(404, 'NOT_FOUND', `no ${path} in the fake`));
    }
    const wanted = scopeOf(method, url);
    const access = accessOf(wanted);
    const refused = refusalOf(world, request, wanted);
    if (refused !== undefined) {
      await bodyOf(request);
      return send(response, refused);
    }
    if (url.pathname.startsWith('/acr/')) return send(response, await metadata(world, upstream, method, url));
    if (/\/manifests\/[^/]+$/.test(url.pathname)) {
      const answered = await answerManifest({ world, upstream, access, now }, request, response);
      return answered && send(response, answered);
    }
    await upstream.pass(request, response, access);
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await startAcrProxy(world, port);
  return {
    host: `127.0.0.1:${port}`,
    authority: `https://127.0.0.1:${port}`,
    ca: tls.cert,
    world,
    env: {
      HTTPS_PROXY: proxy.url,
      NO_PROXY: '127.0.0.1,localhost',
      NODE_USE_ENV_PROXY: '1',
      NODE_EXTRA_CA_CERTS: certificate,
      AZURE_TENANT_ID: world.tenant,
      AZURE_CLIENT_ID: world.clientId,
      AZURE_CLIENT_SECRET: world.secret,
    },
    async landImports() {
      for (const job of world.jobs) await landImport(upstream, job);
    },
    async stop() {
      await proxy.stop();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
      await behind.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** `/oauth2/exchange` makes a refresh token of one of Entra, `/oauth2/token` an access token of that. */
function registryLogin(
  world: AcrWorld,
  path: string,
  form: URLSearchParams,
  authorization = '',
): AcrFault | undefined {
  const { tokens } = world;
  const unauthorized = refusal(401, 'UNAUTHORIZED', 'authentication required');
  const service = form.get('service') ?? '';
  if (path === '/oauth2/exchange') {
    const who = tokens.read(form.get('access_token'), 'entra');
    if (form.get('grant_type') !== 'access_token' || who === undefined) return unauthorized;
    const claims = { kind: 'refresh', sub: who.sub, aud: service } as const;
    return { status: 200, body: { refresh_token: tokens.make(claims, world.refreshLasts) } };
  }
  if (path !== '/oauth2/token') return undefined;
  const [, basic] = /^Basic (.*)$/.exec(authorization) ?? [];
  const login = basic === undefined ? '' : Buffer.from(basic, 'base64').toString();
  const who = world.logins.has(login)
    ? { sub: login.split(':')[0]! }
    : tokens.read(form.get('grant_type') === 'refresh_token' ? form.get('refresh_token') : null, 'refresh');
  if (who === undefined) return unauthorized;
  const access = form.getAll('scope').flatMap(accessOf);
  const claims = { kind: 'access', sub: who.sub, aud: service, access } as const;
  return { status: 200, body: { access_token: tokens.make(claims, world.accessLasts) } };
}

function scopeOf(method: string, { pathname, searchParams }: URL): string {
  if (pathname.startsWith('/acr/')) return metadataScope(method, pathname);
  if (pathname === '/v2/_catalog') return 'registry:catalog:*';
  const name = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(pathname)?.[1] ?? '';
  const from = searchParams.get('from');
  const action =
    method === 'GET' || method === 'HEAD'
      ? 'pull'
      : method === 'DELETE' && !pathname.includes('/uploads/')
        ? 'delete'
        : 'pull,push';
  const own = `repository:${name}:${action}`;
  return from === null ? own : `${own} repository:${from}:pull`;
}

/** A challenge for whoever shows no token for it; for whoever does and lacks the role, as `denied` says. */
function refusalOf(world: AcrWorld, { headers }: IncomingMessage, wanted: string): AcrFault | undefined {
  const { host = '', authorization = '' } = headers;
  const challenge = `Bearer realm="https://${host}/oauth2/token",service="${host}",scope="${wanted}"`;
  const unauthorized = {
    status: 401,
    headers: { 'www-authenticate': challenge },
    body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
  };
  const claims = world.tokens.read(authorization.replace(/^Bearer /, ''), 'access');
  const wants = accessOf(wanted);
  const has = (name: string, action: string) =>
    claims?.access?.some(
      entry => entry.name === name && (entry.actions.includes(action) || entry.actions.includes('*')),
    ) === true;
  if (!wants.every(({ name, actions }) => actions.every(action => has(name, action)))) return unauthorized;
  const denied = wants.flatMap(({ actions }) => actions).find(action => world.denied.has(action));
  if (denied === undefined) return undefined;
  return world.denied.get(denied) === 401
    ? unauthorized
    : refusal(403, 'DENIED', `requested access to the resource is denied`, [{ Action: denied }]);
}

function send(response: ServerResponse, fault: AcrFault): void {
  if (response.headersSent || fault === 'drop') return void response.destroy();
  if (fault === 'hang') return;
  const { status, headers = {}, body = '' } = fault;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(text);
}
