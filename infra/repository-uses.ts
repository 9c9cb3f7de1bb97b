import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchweaveError } from '../lib/errors.ts';
import { matchesGlob } from '../lib/rules/glob.ts';
import type { Rule } from '../lib/rules/rule.ts';
import type { Use } from './deployed-function.ts';

/** Characters of ARNs in a statement: with its actions it fits into a managed policy, which holds 6,144. */
const IN_A_STATEMENT = 5_700;
/** How many such policies a role has; CDK makes them where the inline one is full. */
const MOST_STATEMENTS = 10;
/** An ARN without the repository's name, at its longest, with the quotes and the comma around it. */
const AROUND_A_NAME = 'arn:aws-us-gov:ecr:ap-northeast-1:123456789012:repository/'.length + 3;

/**
 * `actions` on the repositories that rules are for, as statements that fit into policies. The same globs mean the
 * same in archweave.yaml and in IAM: `*` crosses `/` in both. `globs` are the ARNs with a `*` in them.
 *
 * Throws `bad-config` where they are too many for one role.
 */
export function repositoryUses(
  scope: Construct,
  rules: readonly Rule[],
  actions: readonly string[],
): readonly { readonly use: Use; readonly globs: readonly string[] }[] {
  const statements = filled(repositoryGlobs(rules));
  if (statements.length > MOST_STATEMENTS)
    throw new ArchweaveError({
      code: 'bad-config',
      attempt: '',
      reason: `${statements.flat().length} repositories are more than the policies of one role hold`,
      next: 'name them by globs that cover several: team/*',
    });
  return statements.map(names => {
    const resources = names.map(resourceName =>
      Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName }),
    );
    return { use: { actions, resources }, globs: resources.filter(arn => arn.includes('*')) };
  });
}

function filled(names: readonly string[]): readonly (readonly string[])[] {
  const statements: string[][] = [];
  let left = 0;
  for (const name of names) {
    const size = AROUND_A_NAME + name.length;
    if (size > left) {
      statements.push([]);
      left = IN_A_STATEMENT;
    }
    statements.at(-1)?.push(name);
    left -= size;
  }
  return statements;
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
