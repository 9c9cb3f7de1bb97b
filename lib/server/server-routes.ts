import { Hono } from 'hono';
import { isLoopback } from '../image/reference.ts';
import { VERSION } from '../version.ts';
import type { Fetch } from './listen.ts';

export interface ServerRoutes {
  /** Listening on this machine only: then a name that is not this machine's is refused. */
  readonly private: boolean;
  readonly health: Hono;
  readonly hooks: Hono;
  /** Whatever begins with /v2; left out without the embedded registry. */
  readonly registry?: { readonly fetch: Fetch };
}

/**
 * Everything that `serve` answers, on one port.
 *
 * A page of another site can make a browser talk to 127.0.0.1 under that site's name (DNS rebinding). So on this
 * machine only this machine's names are answered, and any other with 421.
 */
export function serverRoutes({ private: isPrivate, health, hooks, registry }: ServerRoutes): Fetch {
  const app = new Hono();
  app.route('/', health);
  app.route('/', hooks);
  app.get('/', c => c.text(`archweave ${VERSION}\n`));
  app.all('/', c => c.text('only GET\n', 405, { Allow: 'GET, HEAD' }));
  app.notFound(c => c.json({ error: { code: 'not-found', message: 'there is nothing here' } }, 404));

  return (request, environment) => {
    if (isPrivate && !isLoopback(request.headers.get('host') ?? '')) {
      return new Response('this server has another name\n', { status: 421 });
    }
    // Past the router: the registry's own paths are most of the traffic.
    const path = request.url.slice(request.url.indexOf('/', 'https://'.length));
    const isRegistry = registry !== undefined && /^\/v2(?:[/?]|$)/.test(path);
    return isRegistry ? registry.fetch(request, environment) : app.fetch(request, environment);
  };
}
