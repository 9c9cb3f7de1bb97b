import { Hono } from 'hono';
import { isArchweaveError } from '../errors.ts';
import { VERSION } from '../version.ts';

/** Throws what is wrong, where something is. */
export type HealthCheck = () => void | Promise<void>;

/**
 * `GET /healthz`: 200 `ok`, or 503 and the reason in one line.
 *
 * It is about this process and its disk. A registry that does not answer is no reason to restart archweave.
 */
export function healthRoutes(check: HealthCheck): Hono {
  const app = new Hono();
  app.get('/healthz', async c => {
    c.header('Server', `archweave/${VERSION}`);
    c.header('Cache-Control', 'no-store');
    try {
      await check();
      return c.text('ok\n');
    } catch (error) {
      // The message may name files, which are nobody's business here.
      return c.text(`${isArchweaveError(error) ? `${error.reason} [${error.code}]` : 'internal'}\n`, 503);
    }
  });
  app.all('/healthz', c => c.text('only GET\n', 405, { Allow: 'GET, HEAD' }));
  return app;
}
