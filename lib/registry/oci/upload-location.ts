import { ArchweaveError } from '../../errors.ts';
import { isLoopback } from '../../image/reference.ts';
import type { Answer, Call } from './call.ts';
import type { Client } from './client.ts';
import { describeRequest } from './describe.ts';

/**
 * Where an upload goes on, as the registry says it: relative or absolute, on its own host or another. Credentials
 * go along to its own origin only, which the client sees to; content goes to no plain http from https, and to this
 * machine from no other.
 */
export function uploadLocation(
  client: Client,
  call: Call,
  { headers, url, status }: Pick<Answer, 'headers' | 'url' | 'status'>,
): URL {
  const text = headers.get('location') ?? '';
  const location = text !== '' && URL.canParse(text, url.href) ? new URL(text, url) : undefined;
  const own = new URL(client.endpoint.origin);
  // Registries behind a proxy that ends TLS for them take themselves for plain http.
  if (location?.hostname === own.hostname && own.protocol === 'https:' && location.protocol === 'http:')
    location.protocol = 'https:';
  const safe =
    location !== undefined &&
    /^https?:$/.test(location.protocol) &&
    !location.username &&
    !location.password &&
    (location.protocol === 'https:' || own.protocol === 'http:') &&
    (!isLoopback(location.host) || isLoopback(own.host));
  if (safe) return location;
  throw new ArchweaveError({
    code: 'not-a-registry',
    attempt: call.attempt,
    ...(call.reference !== undefined && { reference: call.reference }),
    reason: `${client.endpoint.host} answers, but not as a registry (no place to upload to)`,
    where: `${describeRequest(call.method, url)} -> ${status}`,
    status,
  });
}
