import type { Right } from './acr-error.ts';

/**
 * What a token has to allow. For lists and properties of a repository ACR has scopes of its own, and says in its
 * challenge which: the token is widened by them then.
 */
export function scopeOf(right: Right, repository: string | undefined): string {
  if (repository === undefined) return 'registry:catalog:*';
  if (right === 'delete') return `repository:${repository}:delete`;
  return `repository:${repository}:${right === 'write' ? 'pull,push' : 'pull'}`;
}
