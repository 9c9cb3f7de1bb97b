import type { Digest } from '../../image/digest.ts';
import type { CallOptions, UploadOptions, UploadState } from '../interfaces.ts';
import { nameOf, pulling, pushing, repositoryPath } from './address.ts';
import { statBlob } from './blobs.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import type { Blob, Open, SendOptions } from './send-options.ts';
import { Upload } from './upload.ts';
import { cancelUpload, knownLocation, rangeEnd, uploadCall } from './upload-call.ts';
import { uploadLocation } from './upload-location.ts';

/** `Mounter.mountBlob`: an upload that the registry begins instead is ended at once. */
export async function mountBlob(
  client: Client,
  repository: string,
  digest: Digest,
  from: string,
  { signal }: CallOptions = {},
): Promise<boolean> {
  const name = nameOf(client, repository, digest);
  const call: Call = {
    ...uploadCall(client, repository, digest, signal),
    attempt: `mount ${name} from ${from}`,
    method: 'POST',
    at: `${repositoryPath(repository)}/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(repositoryPath(from))}`,
    scopes: [pushing(repository), pulling(from)],
    hoped: [201, 202, 404, 405],
  };
  const answer = await client.request(call);
  if (answer.status === 202) await cancelUpload(client, call, uploadLocation(client, call, answer));
  return answer.status === 201;
}

/** `BlobWriter.writeBlob`. `slice` is how many bytes go in one request. */
export async function writeBlob(
  client: Client,
  repository: string,
  blob: Blob,
  open: Open,
  options: SendOptions = {},
): Promise<void> {
  const { scopes, signal } = uploadCall(client, repository, blob.digest, options.signal);
  const there = await statBlob(client, repository, blob.digest, { scopes, ...(signal && { signal }) });
  if (there === undefined) await new Upload(client, repository, blob, open, undefined, options).run();
}

/** `BlobUploader.uploadBlob`; an upload's name is its address. */
export async function uploadBlob(
  client: Client,
  repository: string,
  blob: Blob,
  open: Open,
  at: UploadState | undefined,
  options: UploadOptions = {},
): Promise<UploadState> {
  return new Upload(client, repository, blob, open, at, { ...options, keep: true }).run();
}

/** `BlobUploader.findUpload`. */
export async function findUpload(
  client: Client,
  repository: string,
  at: UploadState,
  { signal }: CallOptions = {},
): Promise<UploadState | undefined> {
  if (at.upload === undefined) return undefined;
  const name = nameOf(client, repository);
  const call: Call = {
    attempt: `go on with an upload to ${name}`,
    reference: name,
    method: 'GET',
    at: '',
    scopes: [pushing(repository)],
    resend: 'always',
    hoped: [200, 204, 400, 404],
    signal,
  };
  const location = knownLocation(client, at.upload, call);
  if (location === undefined) return undefined;
  const answer = await client.request({ ...call, at: location });
  if (answer.status >= 400) return undefined;
  const moved = answer.headers.has('location') ? uploadLocation(client, call, answer) : location;
  const end = rangeEnd(answer.headers);
  return { upload: moved.href, offset: end > 0 ? end + 1 : 0, done: false };
}
