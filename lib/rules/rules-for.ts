import { matchesGlob } from './glob.ts';
import type { Rule } from './rule.ts';

/** The rules for a repository, in the file's order. One `!` pattern that matches takes it away, wherever it stands. */
export function rulesFor(rules: readonly Rule[], registry: string, repository: string): readonly Rule[] {
  return rules.filter(rule => {
    const hits = rule.repositories.filter(
      pattern => pattern.registry === registry && matchesGlob(pattern.pattern, repository),
    );
    return hits.length > 0 && hits.every(pattern => !pattern.exclude);
  });
}
