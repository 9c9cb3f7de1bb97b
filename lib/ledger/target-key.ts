import type { TargetRef } from './interface.ts';

/** One string per target: equal exactly if registry, repository and tag are. */
export function targetKey(target: TargetRef): string {
  return JSON.stringify([target.registry, target.repository, target.tag]);
}
