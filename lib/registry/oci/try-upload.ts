import type { CallOptions } from '../interfaces.ts';
import { nameOf, pushing, repositoryPath } from './address.ts';
import type { Call } from './call.ts';
import type { Client } from './client.ts';
import { cancelUpload } from './upload-call.ts';
import { uploadLocation } from './upload-location.ts';

/** `UploadProbe.tryUpload`: the registry begins an upload, and is told that nothing comes. */
export async function tryUpload(
  client: Client,
  repository: string,
  { signal }: CallOptions = {},
): Promise<void> {
  const name = nameOf(client, repository);
  const call: Call = {
    attempt: `begin an upload to ${name}`,
    reference: name,
    method: 'POST',
    at: `${repositoryPath(repository)}/blobs/uploads/`,
    scopes: [pushing(repository)],
    resend: 'always',
    hoped: [202],
    signal,
  };
  const answer = await client.request(call);
  await cancelUpload(client, call, uploadLocation(client, call, answer));
}
