import { type Context, Hono } from 'hono';
import { isRepositoryName } from '../../image/names.ts';
import type { Storage, StorageListener } from '../storage/storage.ts';
import { demandAccess, type RegistryAccess } from './access.ts';
import { deleteBlob, getBlob } from './blobs.ts';
import { type EndpointKind, endpointOf } from './endpoint.ts';
import { getCatalogue, getTags } from './listings.ts';
import { deleteManifest, getManifest, getReferrers, putManifest } from './manifests.ts';
import { Refusal, refusalOf } from './refusal.ts';
import type { RegistryEnvironment, RegistryHandler } from './request.ts';
import { cancelUpload, continueUpload, finishUpload, getUpload, startUpload } from './uploads.ts';

interface RegistryRoutesOptions {
  /** Called after each push or delete of a manifest is stored, whether it came over HTTP or in-process. */
  readonly onEvent?: StorageListener;
  /** Everything is allowed to everybody where this is left out. */
  readonly access?: RegistryAccess;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The whole API. HEAD goes where GET goes. */
const HANDLERS: { readonly [kind in EndpointKind]: { readonly [method in Method]?: RegistryHandler } } = {
  ping: { GET: ({ c }) => c.json({}) },
  catalogue: { GET: getCatalogue },
  tags: { GET: getTags },
  manifest: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  referrers: { GET: getReferrers },
  blob: { GET: getBlob, DELETE: deleteBlob },
  uploads: { POST: startUpload },
  upload: { GET: getUpload, PATCH: continueUpload, PUT: finishUpload, DELETE: cancelUpload },
};

/**
 * The OCI distribution API 1.1 under `/v2/`, over a storage.
 *
 * Node's server must be told not to end requests after its five minutes (`requestTimeout: 0`): large layers take
 * longer on slow lines.
 */
export function registryRoutes(
  storage: Storage,
  options: RegistryRoutesOptions = {},
): Hono<RegistryEnvironment> {
  if (options.onEvent) storage.listen(options.onEvent);
  const app = new Hono<RegistryEnvironment>();
  app.use('/v2/*', async (c, next) => {
    c.header('Docker-Distribution-Api-Version', 'registry/2.0');
    await next();
  });
  if (options.access) app.use('/v2/*', demandAccess(options.access));
  app.all('/v2/*', c => handle(c, storage));
  app.onError((error, c) => answer(c, refusalOf(error)));
  return app;
}

function handle(c: Context<RegistryEnvironment>, storage: Storage): Response | Promise<Response> {
  const endpoint = endpointOf(c.req.path);
  if (endpoint === undefined) throw new Refusal(404, 'UNSUPPORTED', 'the registry has no such endpoint');
  if (endpoint.repository !== '' && !isRepositoryName(endpoint.repository)) {
    const detail = { name: endpoint.repository };
    throw new Refusal(400, 'NAME_INVALID', 'this is no name of a repository', { detail });
  }
  const handlers = HANDLERS[endpoint.kind];
  const handler = handlers[(c.req.method === 'HEAD' ? 'GET' : c.req.method) as Method];
  if (handler !== undefined) return handler({ c, storage, endpoint });
  const headers = { Allow: Object.keys(handlers).join(', ') };
  throw new Refusal(405, 'UNSUPPORTED', `${c.req.method} is not for this endpoint`, { headers });
}

function answer(
  c: Context<RegistryEnvironment>,
  { status, code, message, detail, headers }: Refusal,
): Response {
  const error = { code, message, ...(detail !== undefined && { detail }) };
  return c.json({ errors: [error] }, status, { ...headers });
}
