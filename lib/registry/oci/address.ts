import { ArchweaveError } from '../../errors.ts';
import { isDigest } from '../../image/digest.ts';
import { isRepositoryName, isTag } from '../../image/names.ts';
import type { Client } from './client.ts';

/** What errors call a tag or a digest of a repository, or the repository itself. */
export function nameOf(client: Client, repository: string, reference?: string): string {
  const name = `${client.endpoint.host}/${repository}`;
  if (reference === undefined) return name;
  return `${name}${isDigest(reference) ? '@' : ':'}${reference}`;
}

/** `app/manifests/1.0`; throws `bad-reference` where repository or reference is none. */
export function manifestPath(repository: string, reference: string): string {
  if (!isDigest(reference) && !isTag(reference))
    throw bad(`${repository}:${reference}`, 'neither tag nor digest');
  return `${repositoryPath(repository)}/manifests/${reference}`;
}

/** `app/blobs/sha256:…`; throws `bad-reference` where repository or digest is none. */
export function blobPath(repository: string, digest: string): string {
  if (!isDigest(digest)) throw bad(`${repository}@${digest}`, 'no digest of sha256 or sha512');
  return `${repositoryPath(repository)}/blobs/${digest}`;
}

/** Throws `bad-reference`: names come from events too, and nothing else may get into a path. */
export function repositoryPath(repository: string): string {
  if (!isRepositoryName(repository)) throw bad(repository, 'no name of a repository');
  return repository;
}

export function pulling(repository: string): string {
  return `repository:${repository}:pull`;
}

export function pushing(repository: string): string {
  return `repository:${repository}:pull,push`;
}

function bad(what: string, why: string): ArchweaveError {
  const shown = JSON.stringify(what.slice(0, 200));
  return new ArchweaveError({ code: 'bad-reference', attempt: `read ${shown}`, reason: `it is ${why}` });
}
