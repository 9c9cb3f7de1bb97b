import type { Digest } from '../../image/digest.ts';
import { nameOf, pushing } from './address.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import { uploadLocation } from './upload-location.ts';

/** What all calls for one blob on its way have in common. */
export function uploadCall(
  client: Client,
  repository: string,
  digest: Digest,
  signal: AbortSignal | undefined,
) {
  const name = nameOf(client, repository, digest);
  const scopes = [pushing(repository)];
  return { attempt: `write ${name}`, reference: name, scopes, resend: 'always' as const, signal };
}

/** Clients should end what they do not finish; that it fails is of no consequence. */
export async function cancelUpload(client: Client, call: Call, location: URL): Promise<void> {
  const { body: _, headers: __, ...rest } = call;
  await client
    .request({ ...rest, method: 'DELETE', at: location, resend: 'never', hoped: [200, 202, 204, 404] })
    .catch(() => {});
}

/** An address that was noted down earlier, as careful as one that an answer names: it may be another registry's by now. */
export function knownLocation(client: Client, text: string, call: Call): URL | undefined {
  const url = new URL(client.endpoint.origin);
  try {
    return uploadLocation(client, call, { headers: new Headers({ location: text }), url, status: 202 });
  } catch {
    return undefined;
  }
}

/** The last byte that the registry has, by its `Range` header: `0-1023`. */
export function rangeEnd(headers: Headers): number {
  return Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(headers.get('range') ?? '')?.[1] ?? 0);
}
