/** A body turned out longer than what is read of its kind. */
export class BodyTooLong extends Error {
  override readonly name = 'BodyTooLong';
}

/**
 * The whole body, as long as it has at most `limit` bytes; an announced length beyond it is not even begun. What is
 * too long is cut off, which closes the connection, and throws `BodyTooLong`.
 */
export async function readBody(response: Response, limit: number): Promise<Uint8Array> {
  const { body } = response;
  if (body === null) return new Uint8Array(0);
  const announced = Number(response.headers.get('content-length') ?? 0);
  if (announced > limit) {
    await body.cancel();
    throw new BodyTooLong(`${announced} bytes`);
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    // Leaving the loop cancels the body.
    if (length > limit) throw new BodyTooLong(`more than ${limit} bytes`);
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : joined(parts, length);
}

/** At most `limit` bytes of the body; the rest is not waited for. What comes with an error need not be whole. */
export async function readBodyStart(response: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    parts.push(part.subarray(0, limit - length));
    length += parts.at(-1)!.length;
    if (length >= limit) break;
  }
  return joined(parts, length);
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
