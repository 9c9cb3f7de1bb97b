import type { MiddlewareHandler } from 'hono';
import { Refusal } from './refusal.ts';

/** Who may do what. */
export interface RegistryAccess {
  /** Whether the password is that user's. Must take as long for a wrong name as for a wrong password. */
  readonly users?: ((name: string, password: string) => boolean | Promise<boolean>) | undefined;
  /** What may be done without a name: nothing, reading, or everything. */
  readonly anonymous: 'none' | 'pull' | 'all';
}

/**
 * Lets requests through that `access` allows, and asks the others for a name and password (Basic).
 *
 * A wrong password is refused even where none is needed, so that nobody believes to be logged in. The ping asks for
 * one unless everything is open: clients only send what they have if the ping asks (crane, docker), and those
 * without go on without.
 */
export function demandAccess(access: RegistryAccess): MiddlewareHandler {
  return async (c, next) => {
    const given = credentialsOf(c.req.header('authorization'));
    if (given !== undefined) {
      if (!(given && (await access.users?.(given.name, given.password)))) throw challenge();
    } else if (!isOpen(access, c.req.method, c.req.path)) {
      throw challenge();
    }
    await next();
  };
}

function isOpen({ anonymous, users }: RegistryAccess, method: string, path: string): boolean {
  if (anonymous !== 'pull') return anonymous === 'all';
  if (path === '/v2/' || path === '/v2') return users === undefined;
  return method === 'GET' || method === 'HEAD';
}

/** Undefined where nothing was sent, null where it is not understood. */
function credentialsOf(header: string | undefined) {
  if (header === undefined) return undefined;
  const encoded = /^basic +([A-Za-z0-9+/_-]+=*)$/i.exec(header)?.[1];
  const text = Buffer.from(encoded ?? '', 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function challenge(): Refusal {
  return new Refusal(401, 'UNAUTHORIZED', 'a name and password are needed', {
    headers: { 'WWW-Authenticate': 'Basic realm="archweave", charset="UTF-8"' },
  });
}
