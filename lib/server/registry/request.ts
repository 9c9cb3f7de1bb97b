import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { type Digest, isDigest } from '../../image/digest.ts';
import { isTag } from '../../image/names.ts';
import type { Storage } from '../storage/storage.ts';
import type { ByteSource } from '../storage/upload-store.ts';
import type { Endpoint } from './endpoint.ts';
import { Refusal } from './refusal.ts';

/** Hono gives Node's own request where it runs on Node's server, and nothing where a test calls it. */
export type RegistryEnvironment = { Bindings: { readonly incoming?: IncomingMessage } };

/** One request, with everything that a handler needs. */
export interface RegistryRequest {
  readonly c: Context<RegistryEnvironment>;
  readonly storage: Storage;
  readonly endpoint: Endpoint;
}

export type RegistryHandler = (request: RegistryRequest) => Response | Promise<Response>;

/**
 * The body as it comes in. Node's stream is read as it is, since the web stream around it costs a copy of each
 * request, and it stays open when reading ends early: the answer goes over the same connection.
 */
export function bodyOf({ c }: RegistryRequest): ByteSource {
  const body: ByteSource | null | undefined =
    c.env?.incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body;
  return body ?? nothing();
}

/** A body of at most `limit` bytes, in memory. */
export async function readBody(request: RegistryRequest, limit: number): Promise<Uint8Array> {
  const tooLarge = () => new Refusal(413, 'SIZE_INVALID', `a manifest has at most ${limit} bytes`);
  if (Number(request.c.req.header('content-length') ?? 0) > limit) throw tooLarge();
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bodyOf(request)) {
    size += piece.byteLength;
    if (size > limit) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

export function isHead({ c }: RegistryRequest): boolean {
  return c.req.method === 'HEAD';
}

/** A digest that the registry can check, or a refusal. */
export function demandDigest(text: string | undefined): Digest {
  if (text !== undefined && isDigest(text)) return text;
  throw new Refusal(400, 'DIGEST_INVALID', 'a digest is sha256: or sha512: and its hexadecimal digits', {
    detail: { digest: text ?? null },
  });
}

/** A tag or a digest, or a refusal. */
export function demandReference(text: string): string {
  if (text.includes(':')) return demandDigest(text);
  return demandTag(text);
}

export function demandTag(text: string): string {
  if (isTag(text)) return text;
  throw new Refusal(
    400,
    'MANIFEST_INVALID',
    'a tag has 1 to 128 letters, digits, dots, dashes and underscores',
    {
      detail: { tag: text },
    },
  );
}

async function* nothing(): ByteSource {}
