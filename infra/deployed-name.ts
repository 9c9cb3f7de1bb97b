import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchweaveError } from '../lib/errors.ts';

/** The longest name that roles and functions take. */
const LONGEST = 64;
/** As long as the name of any Region is, for stacks that learn theirs when they are deployed. */
const LONGEST_REGION = 'ap-northeast-1';
/** The longest PART of every deployment, so that a name which is long enough for one is so for all. */
const LONGEST_PART = 'schedules';

/**
 * `NAME-REGION-PART`. Roles are global and stacks regional, so that the Region is in it. Throws `bad-argument` where
 * it would be longer than a role's name may be.
 */
export function deployedName(scope: Construct, name: string, part: string): string {
  const { region } = Stack.of(scope);
  const length = `${name}-${Token.isUnresolved(region) ? LONGEST_REGION : region}-${part}`.length;
  if (length <= LONGEST) return `${name}-${region}-${part}`;
  throw new ArchweaveError({
    code: 'bad-argument',
    attempt: '',
    reason: `the name ${name} makes a role's name ${length} characters long, and ${LONGEST} are the limit`,
    next: `a name of at most ${name.length - (length - LONGEST) - Math.max(0, LONGEST_PART.length - part.length)} characters`,
  });
}

/** Throws `bad-argument` for a name that roles, alarms or dashboards would not take. */
export function checkName(name: string): string {
  if (!Token.isUnresolved(name) && /^[A-Za-z][A-Za-z0-9-]*$/.test(name)) return name;
  throw new ArchweaveError({
    code: 'bad-argument',
    attempt: '',
    reason: Token.isUnresolved(name)
      ? 'name is a token of CDK, which has a value only when it is deployed'
      : `${JSON.stringify(name)} is no name for a deployment; it has letters, digits and -`,
  });
}
