import type { Digest, DigestAlgorithm } from '../../image/digest.ts';
import { isRepositoryName } from '../../image/names.ts';
import type { ByteSource, Upload } from '../storage/upload-store.ts';
import { readChunkRange } from './byte-range.ts';
import { Refusal } from './refusal.ts';
import { bodyOf, demandDigest, type RegistryRequest } from './request.ts';

/** POST: begins an upload, is one (`?digest=`), or spares one (`?mount=`). */
export async function startUpload(request: RegistryRequest): Promise<Response> {
  const { c, storage, endpoint } = request;
  const { mount, from, digest, 'digest-algorithm': algorithm } = c.req.query();
  if (mount !== undefined) {
    const wanted = demandDigest(mount);
    if (from !== undefined && !isRepositoryName(from)) {
      throw new Refusal(400, 'NAME_INVALID', 'the repository to mount from has no valid name');
    }
    if (storage.blobs.mount(endpoint.repository, wanted, from)) return created(request, wanted);
  } else if (digest !== undefined) {
    const whole = demandDigest(digest);
    const upload = storage.uploads.start(endpoint.repository, whole.split(':')[0] as DigestAlgorithm);
    return finish(request, upload, whole);
  }
  return accepted(request, storage.uploads.start(endpoint.repository, demandAlgorithm(algorithm)));
}

/** PATCH: a chunk, or a stream without a stated place and length. */
export async function continueUpload(request: RegistryRequest): Promise<Response> {
  const upload = demandUpload(request);
  await request.storage.uploads.append(upload, chunkOf(request, upload));
  return accepted(request, upload);
}

/** PUT: the last bytes, if any are left, and the digest. */
export async function finishUpload(request: RegistryRequest): Promise<Response> {
  return finish(request, demandUpload(request), demandDigest(request.c.req.query('digest')));
}

/** GET: how far it is. */
export function getUpload(request: RegistryRequest): Response {
  return request.c.body(null, 204, progress(request, demandUpload(request)));
}

export function cancelUpload(request: RegistryRequest): Response {
  request.storage.uploads.cancel(demandUpload(request));
  return request.c.body(null, 204);
}

async function finish(request: RegistryRequest, upload: Upload, digest: Digest): Promise<Response> {
  await request.storage.uploads.finish(upload, digest, chunkOf(request, upload));
  return created(request, digest);
}

/** The body, if it is said to follow what is there. */
function chunkOf(request: RegistryRequest, upload: Upload): ByteSource {
  const { c } = request;
  const range = readChunkRange(c.req.header('content-range'));
  const length = c.req.header('content-length');
  if (range === 'bad') throw new Refusal(400, 'BLOB_UPLOAD_INVALID', 'Content-Range is START-END');
  const size = range && range.end - range.start + 1;
  if (size !== undefined && length !== undefined && Number(length) !== size) throw wrongLength();
  if (upload.busy || (range && range.start !== upload.size)) {
    const why = upload.busy ? 'another request is sending to it' : `the upload has ${upload.size} bytes`;
    throw new Refusal(416, 'BLOB_UPLOAD_INVALID', why, { headers: progress(request, upload) });
  }
  return size === undefined ? bodyOf(request) : exactly(bodyOf(request), size);
}

/** For chunks whose length only their Content-Range says. */
async function* exactly(source: ByteSource, size: number): ByteSource {
  let left = size;
  for await (const piece of source) {
    left -= piece.byteLength;
    if (left < 0) throw wrongLength();
    yield piece;
  }
  if (left > 0) throw wrongLength();
}

function wrongLength(): Refusal {
  return new Refusal(400, 'SIZE_INVALID', 'the chunk is not as long as its Content-Range says');
}

function demandUpload({ storage, endpoint: { repository, reference } }: RegistryRequest): Upload {
  const upload = storage.uploads.find(repository, reference);
  if (upload !== undefined) return upload;
  throw new Refusal(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload, or not any more');
}

function demandAlgorithm(text: string | undefined): DigestAlgorithm {
  if (text === undefined || text === 'sha256' || text === 'sha512') return text ?? 'sha256';
  throw new Refusal(400, 'DIGEST_INVALID', 'digest-algorithm is sha256 or sha512');
}

function accepted(request: RegistryRequest, upload: Upload): Response {
  return request.c.body(null, 202, { ...progress(request, upload), 'Content-Length': '0' });
}

function created({ c, endpoint }: RegistryRequest, digest: string): Response {
  return c.body(null, 201, {
    Location: `/v2/${endpoint.repository}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': '0',
  });
}

/** An upload without a byte says `0-0`, as every registry does, though that could be one byte too. */
function progress({ endpoint }: RegistryRequest, { id, size }: Upload): Record<string, string> {
  return {
    Location: `/v2/${endpoint.repository}/blobs/uploads/${id}`,
    Range: `0-${Math.max(0, size - 1)}`,
    'Docker-Upload-UUID': id,
  };
}
