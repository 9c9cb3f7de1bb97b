import { InitiateLayerUploadCommand } from '@aws-sdk/client-ecr';
import type { CallOptions } from '../interfaces.ts';
import { ask, type EcrAccess, nameOf, registryOf } from './access.ts';

/** `UploadProbe.tryUpload`: ECR begins an upload and forgets it by itself; it has no call that ends one. */
export async function tryUpload(
  access: EcrAccess,
  repository: string,
  options: CallOptions = {},
): Promise<void> {
  const name = nameOf(access, repository);
  const attempt = `begin an upload to ${name}`;
  const about = { operation: 'InitiateLayerUpload', attempt, reference: name, repository };
  const input = { ...registryOf(access), repositoryName: repository };
  await ask(access, about, options, ({ patient }, sending) =>
    patient.send(new InitiateLayerUploadCommand(input), sending),
  );
}
