import type { TargetRef } from './interface.ts';

/** By registry, repository and tag, bytewise as SQLite and DynamoDB compare them. */
export function compareTargets(a: TargetRef, b: TargetRef): number {
  return bytewise(a.registry, b.registry) || bytewise(a.repository, b.repository) || bytewise(a.tag, b.tag);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
