import { readRange } from './byte-range.ts';
import { Refusal } from './refusal.ts';
import { demandDigest, isHead, type RegistryRequest } from './request.ts';

/** GET and HEAD, whole or a range. */
export function getBlob(request: RegistryRequest): Response {
  const { c, storage, endpoint } = request;
  const digest = demandDigest(endpoint.reference);
  const size = storage.blobs.stat(endpoint.repository, digest) ?? unknown(request);
  const tag = `"${digest}"`;
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: tag,
  };
  const fresh = (c.req.header('if-range') ?? tag) === tag;
  const range = fresh ? readRange(c.req.header('range'), size) : undefined;
  if (range === 'unsatisfiable') {
    throw new Refusal(416, 'SIZE_INVALID', `the blob has ${size} bytes`, {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const length = end - start + 1;
  const status = range === undefined ? 200 : 206;
  const all = {
    ...headers,
    'Content-Length': String(length),
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  };
  if (isHead(request) || length === 0) return c.body(null, status, all);
  return c.body(storage.blobs.read(digest, start, length), status, all);
}

export function deleteBlob(request: RegistryRequest): Response {
  const { c, storage, endpoint } = request;
  const there = storage.blobs.delete(endpoint.repository, demandDigest(endpoint.reference));
  return there ? c.body(null, 202, { 'Content-Length': '0' }) : unknown(request);
}

function unknown({ endpoint: { repository, reference } }: RegistryRequest): never {
  throw new Refusal(404, 'BLOB_UNKNOWN', `${repository} has no blob ${reference}`, {
    detail: { digest: reference },
  });
}
