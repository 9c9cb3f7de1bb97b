import type { Stack } from 'aws-cdk-lib';
import { matchesGlob } from '../lib/rules/glob.ts';
import type { Rule } from '../lib/rules/rule.ts';
import type { Use } from './deployed-function.ts';

/** Few enough for one statement to fit into a policy; CDK spreads statements over policies where there are many. */
const IN_A_STATEMENT = 40;

/**
 * `actions` on the repositories that rules are for, a statement for some dozens of them. The same globs mean the same
 * in archweave.yaml and in IAM: `*` crosses `/` in both. `globs` are the ARNs with a `*` in them, as cdk-nag names
 * them.
 */
export function repositoryUses(
  stack: Stack,
  rules: readonly Rule[],
  actions: readonly string[],
): readonly { readonly use: Use; readonly globs: readonly string[] }[] {
  const arns = repositoryGlobs(rules).map(resourceName =>
    stack.formatArn({ service: 'ecr', resource: 'repository', resourceName }),
  );
  return Array.from({ length: Math.ceil(arns.length / IN_A_STATEMENT) }, (_, at) => {
    const resources = arns.slice(at * IN_A_STATEMENT, (at + 1) * IN_A_STATEMENT);
    return { use: { actions, resources }, globs: resources.filter(arn => arn.includes('*')) };
  });
}

/** The patterns of all rules, without those that another one covers. */
export function repositoryGlobs(rules: readonly Rule[]): readonly string[] {
  const patterns = rules.flatMap(({ repositories }) =>
    repositories.filter(({ exclude }) => !exclude).map(({ pattern }) => pattern),
  );
  const all = [...new Set(patterns)].sort();
  const wide = all.filter(pattern => pattern.includes('*'));
  return all.filter(pattern => !wide.some(other => other !== pattern && matchesGlob(other, pattern)));
}
